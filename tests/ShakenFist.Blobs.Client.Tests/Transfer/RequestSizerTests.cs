using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class RequestSizerTests
{
    private const long Much = 1L << 40;
    private const long MiB = 1 << 20;

    private static readonly ServerBehaviour Limited = new(KnowsLimit: true);

    private static readonly ServerBehaviour Unlimited = new(KnowsLimit: false);

    private static RequestSizer Start(SfTransportOptions? options = null, SfTransferLimits? limits = null, double latency = 0) =>
        new(options ?? new SfTransportOptions(), limits ?? new SfTransferLimits(), TimeSpan.FromMilliseconds(latency));

    private static void Complete(RequestSizer plan, long bytes, double seconds, double latency = 0, bool buffered = false) =>
        plan.Completed(bytes, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(latency), buffered);

    [Fact]
    public void A_request_takes_eight_seconds_at_the_measured_rate()
    {
        RequestSizer plan = Start();
        Assert.Equal(16 * MiB, plan.Next(Much, Limited));
        Assert.Equal(100, plan.Next(100, Limited));
        Complete(plan, 16 * MiB, 4);
        Assert.Equal(32 * MiB, plan.Next(Much, Limited));
        Complete(plan, 32 * MiB, 64);
        Assert.Equal(4 * MiB, plan.Next(Much, Limited));
        Complete(plan, 4 * MiB, 1000);
        Assert.Equal(MiB, plan.Next(Much, Limited));
        Complete(plan, MiB, 0);
        Assert.Equal(64 * MiB, plan.Next(Much, Limited));
    }

    [Fact]
    public void Requests_to_a_buffering_server_never_grow_above_the_initial_size()
    {
        RequestSizer plan = Start();
        Complete(plan, 16 * MiB, 0.1, buffered: true);
        Assert.Equal(16 * MiB, plan.Next(Much, Limited));
        Complete(plan, 16 * MiB, 0.1, buffered: false);
        Assert.Equal(64 * MiB, plan.Next(Much, Limited));
        Complete(plan, 64 * MiB, 0.1, buffered: true);
        Assert.Equal(16 * MiB, plan.Next(Much, Limited));
    }

    [Fact]
    public void A_short_request_can_reduce_the_request_size_but_not_raise_it()
    {
        RequestSizer plan = Start();
        Complete(plan, 2 * MiB, 0.001);
        Assert.Equal(16 * MiB, plan.Next(Much, Limited));
        Complete(plan, MiB - 1, 100);
        Assert.Equal(16 * MiB, plan.Next(Much, Limited));
        Complete(plan, MiB, 1);
        Assert.Equal(8 * MiB, plan.Next(Much, Limited));
        Complete(plan, MiB, 1);
        Assert.Equal(8 * MiB, plan.Next(Much, Limited));
    }

    [Fact]
    public void After_failures_the_request_size_is_halved_down_to_the_minimum()
    {
        RequestSizer plan = Start();
        foreach (long due in (long[])[8, 4, 2, 1, 1])
        {
            plan.Failed();
            Assert.Equal(due * MiB, plan.Next(Much, Limited));
        }
    }

    [Theory]
    [InlineData(1_000_000, 4, 2_000_000)]
    [InlineData(1_000_000, 1, 8_000_000)]
    [InlineData(1_000_000, 16, 2_000_000)]
    [InlineData(100, 4, 16 * 1024)]
    [InlineData(100_000, 4, 200_000)]
    [InlineData(1_000_000_000, 4, 16 * 1024 * 1024)]
    public void With_a_rate_limit_no_request_takes_longer_than_eight_seconds(long rate, int connections, long request)
    {
        RequestSizer plan = Start(limits: new SfTransferLimits(connections, rate), latency: rate < 1_000_000_000 ? 1000 : 0);
        Assert.Equal(request, plan.Next(Much, Limited));
        Complete(plan, request, 0.001);
        Assert.Equal(rate < 1_000_000_000 ? request : 64 * MiB, plan.Next(Much, Limited));
        for (int i = 0; i < 10; i++)
        {
            plan.Failed();
        }

        Assert.Equal(Math.Min(request, MiB), plan.Next(Much, Limited));
    }

    [Fact]
    public void A_specified_request_size_is_used()
    {
        RequestSizer plan = Start(options: new SfTransportOptions { RequestBytes = 12345 }, latency: 1000);
        Complete(plan, 12345, 100);
        plan.Failed();
        Assert.Equal(12345, plan.Next(Much, Limited));
    }

    [Fact]
    public void Without_limit_requests_ask_for_all_remaining_data_and_ranges_have_four_request_sizes()
    {
        RequestSizer plan = Start();
        foreach (ServerBehaviour behaviour in new[] { Unlimited, Limited with { KeepsLimit = false } })
        {
            Assert.Equal(Much, plan.Next(Much, behaviour));
            Assert.Equal(64 * MiB, plan.RangeBytes(Much, Much, 4, behaviour));
        }
    }

    [Fact]
    public void Ranges_are_an_eighth_of_the_rest_for_four_workers_but_never_less_than_8_MiB_nor_more_than_a_request()
    {
        RequestSizer plan = Start();
        Assert.Equal(16 * MiB, plan.RangeBytes(Much, Much, 4, Limited));
        Assert.Equal(12 * MiB, plan.RangeBytes(96 * MiB, 96 * MiB, 4, Limited));
        Assert.Equal(8 * MiB, plan.RangeBytes(10 * MiB, 90 * MiB, 4, Limited));
        RequestSizer parts = Start(options: new SfTransportOptions { BlockBytes = 32 * MiB, RequestBytes = 1000 });
        Assert.Equal(32 * MiB, parts.RangeBytes(Much, Much, 4, Limited));
        Assert.Equal(32 * MiB, parts.RangeBytes(1, 1, 4, Limited));
    }

    [Fact]
    public void The_latency_is_measured_only_from_suitable_requests()
    {
        RequestSizer plan = Start();
        Complete(plan, 2 * MiB, 0.2, latency: 0.19);
        Assert.Equal(12 * MiB, plan.RangeBytes(96 * MiB, 96 * MiB, 4, Limited));
        Complete(plan, 16 * MiB, 0.4, latency: 0.1);
        Assert.Equal(24 * MiB, plan.RangeBytes(96 * MiB, 96 * MiB, 4, Limited));

        // 64 MiB in 2.8 s with a latency of 0.1 s: that is 2.3 MiB during the latency. A range should be eight times that.
        Complete(plan, 64 * MiB, 2.9, latency: 0.1);
        Assert.Equal(1.0, plan.RangeBytes(48 * MiB, 96 * MiB, 4, Limited) / (64.0 * MiB * 0.1 / 2.8 * 8), 3);
    }

    [Fact]
    public void With_a_high_latency_the_rest_is_divided_once_and_otherwise_into_decreasing_ranges()
    {
        const long Left = 192L << 20;
        const long UnderWay = 48L << 20;
        RequestSizer near = new(new SfTransportOptions(), new SfTransferLimits(), TimeSpan.Zero);
        near.Completed(16 << 20, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(1), buffered: false);
        Assert.Equal(Left / 8, near.RangeBytes(Left, Left + UnderWay, 4, Limited));
        Assert.Equal(8 << 20, near.RangeBytes(1 << 20, 49 << 20, 4, Limited));
        RequestSizer far = new(new SfTransportOptions(), new SfTransferLimits(), TimeSpan.Zero);
        far.Completed(16 << 20, TimeSpan.FromMilliseconds(350), TimeSpan.FromMilliseconds(150), buffered: false);
        Assert.Equal((Left + UnderWay) / 4, far.RangeBytes(Left, Left + UnderWay, 4, Limited));
    }

    [Theory]
    [InlineData(0, 16)]
    [InlineData(1, 16)]
    [InlineData(20, 40)]
    [InlineData(50, 64)]
    [InlineData(5000, 64)]
    public void The_first_request_is_longer_if_the_latency_is_higher(int latency, long mebibytes)
    {
        RequestSizer plan = new(new SfTransportOptions(), new SfTransferLimits(), TimeSpan.FromMilliseconds(latency));
        Assert.InRange(plan.Next(1L << 40, Limited), mebibytes << 20, (mebibytes + 1) << 20);
        Assert.InRange(plan.RangeBytes(1L << 40, 1L << 40, 4, Limited), mebibytes << 20, (mebibytes + 1) << 20);
    }

    [Fact]
    public void With_a_high_latency_workers_divide_a_blob_into_one_range_each()
    {
        const long Size = 200L << 20;
        RequestSizer plan = new(new SfTransportOptions(), new SfTransferLimits(), TimeSpan.FromMilliseconds(50));
        BlockTable map = new(Size, 1 << 20);
        Assert.All(Enumerable.Range(0, 4), _ => map.Take(plan.RangeBytes(map.BytesOpen, Size, 4, Limited)));
        Assert.Equal(0, map.BytesOpen);
    }

    [Theory]
    [InlineData(16 * 1024 * 1024, null, false)]
    [InlineData((16 * 1024 * 1024) + 1, null, true)]
    [InlineData(1000, 1000L, false)]
    [InlineData(1001, 1000L, true)]
    public void A_blob_of_one_range_uses_one_connection(long bytes, long? part, bool shared) =>
        Assert.Equal(shared, Start(options: new SfTransportOptions { BlockBytes = part }).IsWorthSharing(bytes));
}
