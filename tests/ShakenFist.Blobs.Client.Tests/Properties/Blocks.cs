using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests.Properties;

/// <summary>
/// Tests the block table: blocks cover the blob without gap or overlap, and the counts are correct after any order of taking, completing, and invalidating them.
/// </summary>
public sealed class BlockProperties
{
    private enum What
    {
        Take,
        Complete,
        InvalidateTaken,
        Invalidate,
        Reopen,
    }

    private static Gen<(What What, int Part, long Most)> Step =>
        from what in Gen.Frequency((4, Gen.Constant(What.Take)), (5, Gen.Constant(What.Complete)), (1, Gen.Constant(What.InvalidateTaken)), (2, Gen.Constant(What.Invalidate)), (1, Gen.Constant(What.Reopen)))
        from part in Gen.Choose(0, int.MaxValue - 1)
        from most in Gen.OneOf(Gen.Choose(0, 20_000).Select(n => (long)n), Gen.Constant(long.MaxValue))
        select (what, part, most);

    [Cases(1000)]
    public Property A_blob_of_any_size_has_a_plan_or_is_too_large_for_any_file() =>
        Prop.ForAll(Given.Positive.ToArbitrary(), size =>
        {
            long part = BlockTable.BlockBytesFor(size);
            long count = BlockTable.CountFor(size, part);
            Assert.InRange(part, 1 << 20, BlockTable.MaxBlockBytes);
            return (Int128)part * count >= size && (Int128)part * (count - 1) < size && (count <= BlockTable.MaxCount || size > 1L << 47);
        });

    [Cases(500)]
    public Property Blocks_cover_the_blob_without_gap_or_overlap() =>
        Prop.ForAll(Gen.Choose(1, 3000).ToArbitrary(), Given.Positive.ToArbitrary(), Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), (parts, partBytes, rest) =>
        {
            long part = Math.Min(partBytes, long.MaxValue / parts);
            BlockTable map = new((part * (parts - 1)) + 1 + (rest % part), part);
            Assert.Equal(parts, map.Count);
            long end = 0;
            for (int i = 0; i < map.Count; i++)
            {
                Assert.Equal(end, map.StartOf(i));
                end = map.EndOf(i);
                Assert.InRange(end - map.StartOf(i), 1, part);
            }

            return end == map.Size && map.BytesOpen == map.Size && map.FirstGap() == 0;
        });

    [Cases(300)]
    public Property Only_open_blocks_are_taken_and_every_byte_is_counted_once() =>
        Prop.ForAll(Gen.Choose(1, 60_000).ToArbitrary(), Gen.Choose(1, 3000).ToArbitrary(), Given.List(Step), (size, part, steps) =>
        {
            BlockTable map = new(size, part);

            // 0 open, 1 taken, 2 done.
            int[] states = new int[map.Count];
            foreach ((What what, int number, long most) in steps)
            {
                Do(map, states, what, number % map.Count, most);
                Assert.Equal(Length(2), map.BytesComplete);
                Assert.Equal(Length(0), map.BytesOpen);
                int gap = Array.FindIndex(states, s => s != 2);
                Assert.Equal(gap < 0 ? size : map.StartOf(gap), map.FirstGap());
                Assert.All(Enumerable.Range(0, map.Count), i => Assert.Equal(states[i] == 2, map.IsComplete(i)));
            }

            return true;

            long Length(int state) => Enumerable.Range(0, map.Count).Where(i => states[i] == state).Sum(i => map.EndOf(i) - map.StartOf(i));
        });

    [Cases(200)]
    public Property Workers_that_complete_their_ranges_fetch_every_byte_once() =>
        Prop.ForAll(Gen.Choose(1, 60_000).ToArbitrary(), Gen.Choose(1, 3000).ToArbitrary(), Given.List(Gen.Choose(0, 9000), atLeast: 1), (size, part, wishes) =>
        {
            BlockTable map = new(size, part);
            long reached = 0;
            for (int i = 0; map.Take(wishes[i % wishes.Length]) is (long from, long to); i++)
            {
                Assert.Equal(reached, from);
                Assert.True(to - from <= Math.Max(part, wishes[i % wishes.Length]));
                reached = to;
            }

            return reached == size && map.BytesOpen == 0;
        });

    private static void Do(BlockTable map, int[] states, What what, int part, long most)
    {
        switch (what)
        {
            case What.Take:
                int first = Array.IndexOf(states, 0);
                (long From, long To)? taken = map.Take(most);
                Assert.Equal(first < 0 ? null : map.StartOf(first), taken?.From);
                for (int i = first; taken is { } range && i < map.Count && map.StartOf(i) < range.To; i++)
                {
                    Assert.Equal(0, states[i]);
                    states[i] = 1;
                }

                break;
            case What.Complete:
                map.Complete(part, (UInt128)part, provisional: part % 2 == 0);
                Assert.Equal(part % 2 == 1, map.IsConfirmed(part));
                Assert.Equal((UInt128)part, map.HashOf(part));
                states[part] = 2;
                break;
            case What.InvalidateTaken when states[part] != 0:
                map.Invalidate(part, taken: true);
                states[part] = 1;
                break;
            case What.Invalidate when states[part] == 2:
                map.Invalidate(part, taken: false);
                states[part] = 0;
                break;
            case What.Reopen:
                Assert.Equal(states.Contains(1), map.ReopenTaken());
                Array.ForEach(Enumerable.Range(0, states.Length).Where(i => states[i] == 1).ToArray(), i => states[i] = 0);
                break;
        }
    }
}
