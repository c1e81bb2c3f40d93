using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests.Properties;

public sealed class TransferProperties
{
    private static Gen<Fault> Trouble(int size) =>
        from kind in Gen.Elements(FaultKind.CutAfter, FaultKind.CutAfter, FaultKind.EndShort, FaultKind.WrongBody, FaultKind.ExpireToken, FaultKind.CutBeforeHeaders, FaultKind.ExtraBytes)
        from after in Gen.Choose(0, size)
        from body in Gen.Elements("""{"error": "blob missing", "status": 404}""", """{"message": "Internal Server Error"}""", "<!DOCTYPE html><html></html>", "Bad gateway")
        select new Fault { Kind = kind, AfterBytes = kind == FaultKind.ExtraBytes ? 1 : after, Body = kind == FaultKind.WrongBody ? body : null };

    private static Arbitrary<(int Size, ServerGeneration Generation, bool Publish, Fault[] Faults)> Schedules => (
        from size in Gen.Choose(1 << 20, 3 << 20)
        from generation in Gen.Elements(Enum.GetValues<ServerGeneration>())
        from publish in Gen.Elements(true, false)
        from count in Gen.Choose(0, 4)
        from faults in Trouble(size).ArrayOf(count)
        select (size, generation, publish, faults)).Where(schedule => TokensRefused(schedule.faults) < 2).ToArbitrary();

    // If the server also rejects a new token, an error is expected.
    private static int TokensRefused(Fault[] faults) => faults.Count(f => f.Kind == FaultKind.ExpireToken);

    [Cases(40)]
    public Property After_any_sequence_of_faults_the_blob_is_saved_with_bounded_overhead() => Prop.ForAll(Schedules, schedule =>
    {
        RunAsync(schedule.Size, schedule.Generation, schedule.Publish, schedule.Faults).GetAwaiter().GetResult();
        return true;
    });

    private static async Task RunAsync(int size, ServerGeneration generation, bool publish, Fault[] faults)
    {
        await using Download download = await Download.StartAsync(size, generation, publish);
        foreach (Fault fault in faults)
        {
            download.With(fault);
        }

        SfBlobSaveResult transfer = await download.SavesAsync(resilient: true);

        // Bytes of a response that was too short to be accepted, and of a whole body that was too long.
        long waste = faults.Sum(f => f.Kind is FaultKind.ExtraBytes ? size + 1L : ErrorBodyDetector.HeadBytes + 4096L);

        // One in a thousand random blobs begins like an error. If the check of that fails, the data received by then is discarded.
        waste += ErrorBodyDetector.LooksLikeError(download.Content) ? faults.Length * (long)size : 0;
        Assert.InRange(transfer.BytesReceived, size, size + waste);
    }

    [Cases(200)]
    public bool Requests_cover_any_blob(PositiveInt size, PositiveInt requestBytes, int trouble)
    {
        RequestSizer plan = new(new SfTransportOptions { RequestBytes = requestBytes.Get }, new SfTransferLimits(), TimeSpan.Zero);
        long position = 0;
        int requestCount = 0;
        while (position < size.Get)
        {
            long need = plan.Next(size.Get - position, new ServerBehaviour(KnowsLimit: true));
            Assert.InRange(need, 1, size.Get - position);
            position += need;
            requestCount++;
            if (trouble % 3 == 0)
            {
                plan.Failed();
            }
        }

        return position == size.Get && requestCount == (size.Get + (long)requestBytes.Get - 1) / requestBytes.Get;
    }

    [Cases(200)]
    public bool The_request_size_is_between_1_and_64_MiB_at_any_rate(NonNegativeInt[] milliseconds)
    {
        RequestSizer plan = new(new SfTransportOptions(), new SfTransferLimits(), TimeSpan.Zero);
        foreach (NonNegativeInt time in milliseconds)
        {
            long need = plan.Next(long.MaxValue, new ServerBehaviour(KnowsLimit: true));
            if (need is < 1 << 20 or > 64 << 20)
            {
                return false;
            }

            if (time.Get % 5 == 0)
            {
                plan.Failed();
            }
            else
            {
                plan.Completed(need, TimeSpan.FromMilliseconds(time.Get * 1000.0), TimeSpan.FromMilliseconds(time.Get % 7), buffered: time.Get % 2 == 0);
            }
        }

        return plan.Next(123456789012, new ServerBehaviour(KnowsLimit: true, KeepsLimit: false)) == 123456789012;
    }
}
