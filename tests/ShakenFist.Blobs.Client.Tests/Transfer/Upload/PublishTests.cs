using System.Text;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Publishing without faults: what is sent, which version becomes current, and what other versions and namespaces notice.</summary>
public sealed class PublishTests
{
    [Theory]
    [InlineData(ServerGeneration.A)]
    [InlineData(ServerGeneration.B)]
    [InlineData(ServerGeneration.C)]
    public async Task A_file_becomes_the_first_version_of_a_new_artifact(ServerGeneration generation)
    {
        await using Publication publication = await Publication.StartAsync(generation: generation);

        SfArtifactPublishResult result = await publication.PublishesAsync();

        Assert.Equal((SfArtifactPublishStatus.Published, 1L, 220_000L, 0L, 0), (result.Status, result.Version, result.BytesSent, result.BytesRepeated, result.ResumeCount));
        Assert.Equal((Publication.Name, "banana", null), (result.Artifact!.Name, result.Artifact.Namespace, result.DeletedVersion));
        Assert.Empty(publication.State.Uploads);
        Assert.Equal(1, publication.State.Blob(result.BlobUuid)!.ReferenceCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_file_becomes_the_next_version_and_the_oldest_is_reported(bool noDeduplication)
    {
        await using Publication publication = await Publication.StartAsync();
        EmulatedArtifact artifact = publication.AddVersions();
        Guid oldest = artifact.Versions[1];

        SfArtifactPublishResult result = await publication.PublishesAsync(o => o with { NoDeduplication = noDeduplication });

        Assert.Equal((4L, 1L, (Guid?)oldest), (result.Version, result.DeletedVersion?.Index, result.DeletedVersion?.BlobUuid));
        Assert.Equal([2, 3, 4], artifact.Versions.Keys);
    }

    [Fact]
    public async Task A_small_file_needs_at_most_nine_requests()
    {
        foreach (int versions in (int[])[0, 3])
        {
            await using Publication publication = await Publication.StartAsync(4096);
            if (versions > 0)
            {
                publication.AddVersions(versions);
            }

            await publication.PublishesAsync();

            Assert.InRange(publication.Cluster.Emulator.Requests.Count(r => r.Path is not ("/" or "/auth")), 1, 9);
        }
    }

    [Fact]
    public async Task Nothing_is_sent_if_the_cluster_has_the_content()
    {
        await using Publication publication = await Publication.StartAsync();
        EmulatedBlob blob = publication.State.AddBlob(EmulatedBlob.FromBytes(publication.Content));

        SfArtifactPublishResult result = await publication.PublishesAsync();

        Assert.Equal((SfArtifactPublishStatus.Deduplicated, blob.Uuid, 0L), (result.Status, result.BlobUuid, result.BytesSent));
        Assert.DoesNotContain(publication.Cluster.Emulator.Requests, r => r.Path.StartsWith("/upload", StringComparison.Ordinal));
        Assert.Equal(2, blob.ReferenceCount);
    }

    [Fact]
    public async Task The_newest_version_stays_if_it_has_the_content()
    {
        await using Publication publication = await Publication.StartAsync();
        SfArtifactPublishResult first = await publication.PublishesAsync();

        SfArtifactPublishResult second = await publication.PublishesAsync();
        SfArtifactPublishResult third = await publication.PublishesAsync(o => o with { NoDeduplication = true });

        Assert.Equal((SfArtifactPublishStatus.Unchanged, first.BlobUuid, 1L), (second.Status, second.BlobUuid, second.Version));
        Assert.Equal((SfArtifactPublishStatus.Unchanged, first.BlobUuid, 1L), (third.Status, third.BlobUuid, third.Version));
        Assert.Equal(publication.Content.Length, third.BytesSent);
        Assert.Equal([1], publication.Artifact!.Versions.Keys);
    }

    [Theory]
    [InlineData("initial", true, true)]
    [InlineData("created", false, true)]
    [InlineData("created", true, false)]
    public async Task A_blob_that_is_not_usable_does_not_replace_the_upload(string state, bool hasLocation, bool sameSize)
    {
        await using Publication publication = await Publication.StartAsync();
        EmulatedBlob blob = EmulatedBlob.FromBytes(publication.Content);
        blob.State = state;
        blob.Locations = hasLocation ? null : [];
        blob.Size = sameSize ? blob.Size : 5;
        publication.State.AddBlob(blob);
        publication.Namespace = "system";

        SfArtifactPublishResult result = await publication.PublishesAsync();

        Assert.Equal(SfArtifactPublishStatus.Published, result.Status);
        Assert.NotEqual(blob.Uuid, result.BlobUuid);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_blob_that_vanishes_after_the_search_is_replaced_by_an_upload(bool completely)
    {
        await using Publication publication = await Publication.StartAsync();
        EmulatedBlob blob = publication.State.AddBlob(EmulatedBlob.FromBytes(publication.Content));
        publication.Cluster.Faults.Add(new Fault
        {
            Method = "POST",
            Path = "/artifacts/upload/*",
            Kind = FaultKind.Delay,
            When = _ =>
            {
                blob.State = "deleted";
                if (completely)
                {
                    publication.State.RemoveBlob(blob.Uuid);
                }

                return true;
            },
        });

        SfArtifactPublishResult result = await publication.PublishesAsync();

        Assert.Equal((SfArtifactPublishStatus.Published, 1L), (result.Status, result.Version));
    }

    [Theory]
    [InlineData("{\"a\": 1}")]
    [InlineData("[1, 2, 3]")]
    [InlineData("\"text\"")]
    [InlineData("-12.5e3")]
    [InlineData("true")]
    [InlineData("NaN")]
    [InlineData("null")]
    [InlineData(" \n")]
    [InlineData("{\"upload_uuid\": \"11111111-2222-4333-8444-555555555555\"}")]
    public async Task A_file_that_is_JSON_is_published_as_it_is(string text)
    {
        foreach (Encoding encoding in (Encoding[])[new UTF8Encoding(false), new UTF8Encoding(true), Encoding.Unicode, new UnicodeEncoding(true, false), Encoding.UTF32])
        {
            await using Publication publication = await Publication.StartAsync([.. encoding.GetPreamble(), .. encoding.GetBytes(text)]);

            await publication.PublishesAsync();
        }
    }

    [Fact]
    public async Task A_chunk_that_names_another_upload_is_not_appended_to_it()
    {
        EmulatedUpload other = new() { Node = "sf-1" };
        await using Publication publication = await Publication.StartAsync(Encoding.UTF8.GetBytes($"{{\"upload_uuid\": \"{other.Uuid}\"}}"));
        publication.State.AddUpload(other);

        await publication.PublishesAsync();

        Assert.Null(other.Content);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("578da8b6-eb98-4e10-bb36-e4d4d763d312")]
    [InlineData("sf-staging-0123")]
    public async Task A_name_that_the_cluster_cannot_find_is_refused(string name)
    {
        await using Publication publication = await Publication.StartAsync(10);

        await publication.FailsAsync(SfErrors.ArtifactNameInvalid, o => o with { Name = name });

        Assert.DoesNotContain(publication.Cluster.Emulator.Requests, r => r.Method == "POST" && r.Path != "/auth");
    }

    [Fact]
    public async Task An_empty_file_and_a_directory_are_refused()
    {
        await using Publication publication = await Publication.StartAsync(10);
        SfSession session = await publication.Cluster.ConnectAsync();

        await SfAssert.ThrowsAsync(SfErrors.FileEmpty, () => session.PublishFileAsync(publication.Folder.Write("empty", []), new() { Name = "x" }, null, publication.Cluster.Log, Limit.Token));
        await SfAssert.ThrowsAsync(SfErrors.FileNotFound, () => session.PublishFileAsync(publication.Folder.Path, new() { Name = "x" }, null, publication.Cluster.Log, Limit.Token));
        await SfAssert.ThrowsAsync(SfErrors.FileNotFound, () => session.PublishFileAsync(publication.Folder.At("missing"), new() { Name = "x" }, null, publication.Cluster.Log, Limit.Token));
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_sent_is_not_published()
    {
        foreach (Action<string> change in (Action<string>[])[path => File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch), path => File.Move(path, path + ".old")])
        {
            await using Publication publication = await Publication.StartAsync();
            publication.Cluster.Faults.Add(new Fault
            {
                Method = "POST",
                Path = "/upload/*",
                Kind = FaultKind.Delay,
                When = _ =>
                {
                    change(publication.Path);
                    return true;
                },
            });

            await publication.FailsAsync(SfErrors.FileChanged);
        }
    }

    [Fact]
    public async Task The_plan_names_the_version_that_will_be_deleted_and_nothing_is_sent_without_consent()
    {
        await using Publication publication = await Publication.StartAsync();
        EmulatedArtifact artifact = publication.AddVersions();
        SfArtifactPublishPlan? plan = null;

        SfArtifactPublishResult? result = await publication.RunAsync(confirm: p =>
        {
            plan = p;
            return Task.FromResult(false);
        });

        Assert.Null(result);
        Assert.Equal((1L, artifact.Versions[1]), (plan!.DeletedVersion!.Index, plan.DeletedVersion.BlobUuid));
        Assert.DoesNotContain(publication.Cluster.Emulator.Requests, r => r.Method == "POST" && r.Path != "/auth");
    }

    [Fact]
    public async Task An_artifact_in_another_namespace_and_a_shared_one_are_created_as_the_server_permits()
    {
        await using Publication publication = await Publication.StartAsync();
        publication.Namespace = "system";

        SfArtifactPublishResult shared = await publication.PublishesAsync(o => o with { Namespace = "banana", Shared = true });

        Assert.Equal(("banana", true), (shared.Artifact!.Namespace, shared.Artifact.Shared));
        publication.Namespace = "banana";
        await SfAssert.ThrowsAsync(SfErrors.AccessForbidden, () => publication.RunAsync(o => o with { Name = "mine", Shared = true }));
        await SfAssert.ThrowsAsync(SfErrors.PublishTargetNotFound, () => publication.RunAsync(o => o with { Name = "theirs", Namespace = "system" }));
    }

    [Fact]
    public async Task A_source_URL_identifies_the_artifact()
    {
        await using Publication publication = await Publication.StartAsync();
        SfArtifactPublishResult first = await publication.PublishesAsync(o => o with { SourceUrl = "https://example.com/debian.qcow2" });
        publication.Content = Download.Random(99_000);
        await File.WriteAllBytesAsync(publication.Path, publication.Content, Limit.Token);

        SfArtifactPublishResult second = await publication.PublishesAsync(o => o with { Name = "other", SourceUrl = "https://example.com/debian.qcow2" });

        Assert.Equal((first.Artifact!.Uuid, 2L), (second.Artifact!.Uuid, second.Version));
    }

    [Fact]
    public async Task Two_artifacts_of_one_name_are_an_error_before_anything_is_sent()
    {
        await using Publication publication = await Publication.StartAsync();
        publication.AddVersions(1);
        publication.AddVersions(1);

        await SfAssert.ThrowsAsync(SfErrors.NameAmbiguous, () => publication.RunAsync());
    }

    [Fact]
    public async Task Two_first_publications_at_the_same_time_are_reported()
    {
        await using Publication publication = await Publication.StartAsync();
        publication.Cluster.Faults.Add(new Fault
        {
            Method = "POST",
            Path = "/artifacts/upload/" + Publication.Name,
            Kind = FaultKind.LoseAnswer,
            When = _ =>
            {
                publication.State.AddArtifact(new EmulatedArtifact { Name = Publication.Name, Namespace = "banana", SourceUrl = $"sf://upload/banana/{Publication.Name}", Type = "image", MaxVersions = 3 });
                publication.State.AddArtifact(new EmulatedArtifact { Name = Publication.Name, Namespace = "banana", SourceUrl = $"sf://upload/banana/{Publication.Name}", Type = "image", MaxVersions = 3 });
                return true;
            },
        });

        await publication.RunAsync();

        Assert.Contains(publication.Cluster.Log.Warnings, warning => warning.Contains("artifacts have the name", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metadata_is_written_to_a_new_blob_but_not_to_a_shared_one()
    {
        Dictionary<string, object?> metadata = new() { ["origin"] = "build 7" };
        await using Publication publication = await Publication.StartAsync();
        SfArtifactPublishResult first = await publication.PublishesAsync(o => o with { Metadata = metadata });
        Assert.Equal("build 7", (string?)publication.State.Blob(first.BlobUuid)!.Metadata["origin"]);
        publication.State.Blob(first.BlobUuid)!.Metadata.Clear();

        await publication.RunAsync(o => o with { Name = "copy", Metadata = metadata });
        Assert.Empty(publication.State.Blob(first.BlobUuid)!.Metadata);
        Assert.Contains(publication.Cluster.Log.Warnings, warning => warning.Contains("-Force", StringComparison.Ordinal));

        await publication.RunAsync(o => o with { Name = "third", Metadata = metadata, Force = true });
        Assert.Equal("build 7", (string?)publication.State.Blob(first.BlobUuid)!.Metadata["origin"]);
    }

    [Fact]
    public async Task A_blob_without_a_hash_is_read_to_be_verified()
    {
        await using Publication publication = await Publication.StartAsync();
        publication.Cluster.Faults.Add(new Fault
        {
            Path = "/blobs/*",
            Kind = FaultKind.Delay,
            When = _ =>
            {
                publication.State.Blobs[^1].Sha512 = null;
                return true;
            },
        });

        await publication.PublishesAsync();

        Assert.True(publication.Cluster.DataRequests > 0);
    }

    [Fact]
    public async Task The_rate_limit_applies_to_uploads()
    {
        await using Publication publication = await Publication.StartAsync(100_000);

        SfArtifactPublishResult result = await publication.PublishesAsync(o => o with { Limits = new SfTransferLimits(1, 100_000) });

        Assert.InRange(result.Duration.TotalSeconds, 0.7, 5);
    }

    [Fact]
    public async Task The_journal_describes_the_upload_and_is_private()
    {
        await using Publication publication = await Publication.StartAsync();
        publication.With(new Fault { Kind = FaultKind.Status, Status = 503, Times = int.MaxValue });

        await publication.FailsAsync(SfErrors.TransferInterrupted);

        FoundUpload upload = Assert.Single(UploadJournal.Find(publication.StateDirectory));
        Assert.Equal((publication.Path, Publication.Name, SfBlobTransferState.Resumable), (upload.Header!.Path, upload.Header.Options.Name, upload.State));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(upload.JournalPath));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(publication.StateDirectory));
        }
    }
}
