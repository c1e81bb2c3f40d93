using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Each fault of an upload: the published blob still has the bytes of the file, or nothing is published.</summary>
public sealed class UploadFaultTests
{
    public static TheoryData<string, Fault> Faults => new()
    {
        { "cut after 0 bytes of the request", new Fault { Kind = FaultKind.CutRequest } },
        { "cut after some bytes of the request", new Fault { Kind = FaultKind.CutRequest, AfterBytes = 20_001 } },
        { "answer lost", new Fault { Kind = FaultKind.LoseAnswer } },
        { "answer lost by a reset", new Fault { Kind = FaultKind.LoseAnswer, Reset = true } },
        { "appended twice", new Fault { Kind = FaultKind.Repeat } },
        { "late", new Fault { Kind = FaultKind.Late, Delay = TimeSpan.FromMilliseconds(1) } },
        { "later", new Fault { Kind = FaultKind.Late, Delay = TimeSpan.FromMilliseconds(40) } },
        { "part of it late", new Fault { Kind = FaultKind.Late, Delay = TimeSpan.FromMilliseconds(3), AfterBytes = 777 } },
        { "wrong size", new Fault { Kind = FaultKind.ReplaceAnswer, Body = "5" } },
        { "size of 2^63", new Fault { Kind = FaultKind.ReplaceAnswer, Body = "9223372036854775808" } },
        { "negative size", new Fault { Kind = FaultKind.ReplaceAnswer, Body = "-1" } },
        { "no number", new Fault { Kind = FaultKind.ReplaceAnswer, Body = "\"50000\"" } },
        { "503 after appending", new Fault { Kind = FaultKind.ReplaceAnswer, Status = 503, Body = "peer node sf-2 did not answer, please retry", ContentType = "text/plain" } },
        { "500 after appending", new Fault { Kind = FaultKind.ReplaceAnswer, Status = 500, Body = "{\"error\": \"server error\", \"status\": 500}" } },
        { "500", new Fault { Kind = FaultKind.Status, Status = 500 } },
        { "503", new Fault { Kind = FaultKind.Status, Status = 503 } },
        { "502 of a front end", new Fault { Kind = FaultKind.Status, Status = 502, Body = "<html>" } },
        { "400", new Fault { Kind = FaultKind.Status, Status = 400, Body = "{\"error\": \"x\", \"status\": 400}" } },
        { "no answer", new Fault { Kind = FaultKind.CutBeforeHeaders } },
        { "reset", new Fault { Kind = FaultKind.CutBeforeHeaders, Reset = true } },
        { "expired token", new Fault { Kind = FaultKind.ExpireToken } },
        { "forgotten", new Fault { Kind = FaultKind.ForgetUpload } },
        { "null", new Fault { Kind = FaultKind.NullJson } },
        { "HTML", new Fault { Kind = FaultKind.WrongBody, Body = "<html>" } },
        { "cut in the answer", new Fault { Kind = FaultKind.CutAfter, AfterBytes = 1 } },
        { "short answer", new Fault { Kind = FaultKind.EndShort, AfterBytes = 1 } },
        { "answer in gzip", new Fault { Kind = FaultKind.ContentEncoding } },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_of_an_append_does_not_change_the_published_bytes(string name, Fault fault)
    {
        Assert.NotNull(name);
        foreach ((int skip, int times) in ((int, int)[])[(0, 1), (2, 2), (4, 1)])
        {
            foreach (bool noDeduplication in (bool[])[false, true])
            {
                await using Publication publication = await Publication.StartAsync();

                // A status that no repetition mends ends the command if it persists.
                bool isLasting = fault.Kind == FaultKind.ExpireToken || fault.Status == 400;
                publication.With(fault with { Skip = skip, Times = isLasting ? 1 : times, When = r => !r.Path.Contains("truncate", StringComparison.Ordinal) });

                SfArtifactPublishResult result = await publication.PublishesAsync(o => o with { NoDeduplication = noDeduplication }, resilient: skip == 2);

                Assert.Equal(SfArtifactPublishStatus.Published, result.Status);
                Assert.True(result.BytesSent >= publication.Content.Length);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_of_a_truncation_does_not_change_the_published_bytes(string name, Fault fault)
    {
        Assert.NotNull(name);
        await using Publication publication = await Publication.StartAsync();
        publication.With(new Fault { Kind = FaultKind.CutRequest, AfterBytes = 10_000, Skip = 1, When = r => !r.Path.Contains("truncate", StringComparison.Ordinal) });
        publication.With(fault with { Path = "/upload/*/truncate/*" });

        if (fault.Kind == FaultKind.Status && fault.Status == 400)
        {
            await publication.FailsAsync(SfErrors.RequestRefused);
            return;
        }

        await publication.PublishesAsync();
    }

    public static TheoryData<string, Fault> PublishFaults => new()
    {
        { "answer lost", new Fault { Kind = FaultKind.LoseAnswer } },
        { "published twice", new Fault { Kind = FaultKind.Repeat } },
        { "late", new Fault { Kind = FaultKind.Late, Delay = TimeSpan.FromMilliseconds(30) } },
        { "500 after publishing", new Fault { Kind = FaultKind.ReplaceAnswer, Status = 500 } },
        { "503 after publishing", new Fault { Kind = FaultKind.ReplaceAnswer, Status = 503 } },
        { "not JSON after publishing", new Fault { Kind = FaultKind.ReplaceAnswer, Body = "{" } },
        { "500", new Fault { Kind = FaultKind.Status, Status = 500 } },
        { "503", new Fault { Kind = FaultKind.Status, Status = 503 } },
        { "no answer", new Fault { Kind = FaultKind.CutBeforeHeaders } },
        { "no answer, three times", new Fault { Kind = FaultKind.CutBeforeHeaders, Times = 3 } },
        { "expired token", new Fault { Kind = FaultKind.ExpireToken } },
    };

    [Theory]
    [MemberData(nameof(PublishFaults))]
    public async Task A_fault_of_a_publish_request_neither_loses_nor_repeats_the_version(string name, Fault fault)
    {
        Assert.NotNull(name);
        foreach (string path in (string[])["/artifacts/upload/sf-staging-*", "/artifacts/upload/" + Publication.Name])
        {
            await using Publication publication = await Publication.StartAsync();
            EmulatedArtifact artifact = publication.AddVersions();
            publication.With(fault with { Path = path });

            SfArtifactPublishResult result = await publication.PublishesAsync();

            Assert.Equal((SfArtifactPublishStatus.Published, 4L), (result.Status, result.Version));
            Assert.Equal([2, 3, 4], artifact.Versions.Keys);
        }
    }

    [Fact]
    public async Task A_forgotten_upload_is_sent_again_when_it_should_be_published()
    {
        await using Publication publication = await Publication.StartAsync();
        publication.With(new Fault { Kind = FaultKind.ForgetUpload, Path = "/artifacts/upload/sf-staging-*" });

        SfArtifactPublishResult result = await publication.PublishesAsync();

        Assert.Equal(2 * publication.Content.Length, result.BytesSent);
    }

    [Fact]
    public async Task A_publish_request_that_the_server_ends_while_hashing_reports_what_is_left()
    {
        await using Publication publication = await Publication.StartAsync(change: o => o with { RequestBudget = TimeSpan.FromSeconds(1) });
        publication.AddVersions();
        publication.With(new Fault { Kind = FaultKind.SlowHash, Delay = TimeSpan.FromSeconds(20), Path = "/artifacts/upload/sf-staging-*", Times = int.MaxValue });

        SfException e = await publication.FailsAsync(SfErrors.PublishTimeout);

        Assert.Contains("sf-staging-", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Data_that_the_cluster_stores_wrong_does_not_become_current(bool noDeduplication)
    {
        await using Publication publication = await Publication.StartAsync();
        publication.AddVersions();
        publication.With(new Fault { Kind = FaultKind.FlipBit, AfterBytes = 4000, Skip = 2 });

        await publication.FailsAsync(SfErrors.HashMismatch, o => o with { NoDeduplication = noDeduplication });

        Assert.DoesNotContain(publication.Artifacts, artifact => artifact.Name.StartsWith("sf-staging-", StringComparison.Ordinal));
        Assert.Empty(UploadJournal.Find(publication.StateDirectory));
        await publication.PublishesAsync();
    }

    [Fact]
    public async Task An_upload_that_is_lost_again_and_again_ends_with_an_error()
    {
        await using Publication publication = await Publication.StartAsync();
        publication.With(new Fault { Kind = FaultKind.ForgetUpload, Skip = 2, Times = int.MaxValue });

        await publication.FailsAsync(SfErrors.TransferInterrupted);
    }

    [Theory]
    [InlineData(FaultKind.CutBeforeHeaders)]
    [InlineData(FaultKind.LoseAnswer)]
    [InlineData(FaultKind.Repeat)]
    public async Task A_fault_that_does_not_end_is_reported_and_the_upload_can_be_resumed(FaultKind kind)
    {
        await using Publication publication = await Publication.StartAsync();
        publication.With(new Fault { Kind = kind, Skip = 3, Times = int.MaxValue });

        SfException e = await publication.FailsAsync(SfErrors.TransferInterrupted);

        Assert.Contains("were sent", e.Message, StringComparison.Ordinal);
        publication.Cluster.Faults.Clear();
        SfArtifactPublishResult result = await publication.PublishesAsync();
        Assert.InRange(result.BytesSent, 1, publication.Content.Length - 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task An_upload_on_another_node_is_published(int downtimes)
    {
        await using Publication publication = await Publication.StartAsync();
        publication.State.UploadNode = "sf-2";
        publication.With(new Fault { Kind = FaultKind.Delay, When = _ => SetNode(NodeCondition.Down), Times = downtimes, Skip = 2 });
        publication.With(new Fault { Kind = FaultKind.Delay, When = _ => SetNode(NodeCondition.Up), Times = int.MaxValue, Skip = 4 });

        await publication.PublishesAsync();

        bool SetNode(NodeCondition condition)
        {
            publication.State.SetNode("sf-2", condition);
            return true;
        }
    }
}
