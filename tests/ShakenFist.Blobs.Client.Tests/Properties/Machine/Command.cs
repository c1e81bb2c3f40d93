using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests.Properties.Machine;

/// <summary>How a command that saves the blob ends.</summary>
internal enum Ending
{
    /// <summary>By itself.</summary>
    Itself,

    /// <summary>The cluster refuses all data requests but the first few.</summary>
    Refused,

    /// <summary>The user stops it when a data request is under way.</summary>
    Stopped,

    /// <summary>The process is killed when a data request is under way.</summary>
    Killed,

    /// <summary>By itself, and the cluster returns one wrong bit each time. Only where a hash will tell.</summary>
    Wrong,
}

/// <summary>What a command knows of the hash of the blob.</summary>
internal enum Knowledge
{
    /// <summary>The record has it.</summary>
    Hash,

    /// <summary>The record does not have it.</summary>
    NoHash,

    /// <summary>The record has it, and it is not to be used.</summary>
    Ignored,
}

/// <summary>What somebody does to the files between two commands.</summary>
internal enum Tampering
{
    AlterPart,
    ShortenPart,
    RemovePart,
    CutJournal,
    EditJournal,
    RemoveJournal,
    LeaveOtherBlobs,
    PutOldFile,
    PutRightFile,
    RemoveFile,
    RemoveTransfer,
}

/// <summary>One step of a history.</summary>
internal abstract record Command
{
    private static Gen<Command> Saving(bool publish) =>
        from generation in Gen.Frequency((1, Gen.Constant(ServerGeneration.A)), (2, Gen.Constant(ServerGeneration.B)), (2, Gen.Constant(ServerGeneration.C)))
        from connections in Gen.Elements(1, 1, 1, 2, 5, 16)
        from requestBytes in Gen.Choose(1, 7)
        from part in Gen.Elements(1, 2)
        from force in Gen.Elements(true, false)
        from sparse in Gen.Elements(true, false)
        from ending in Gen.Elements(Ending.Itself, Ending.Refused, Ending.Refused, Ending.Stopped, Ending.Stopped, Ending.Killed, Ending.Killed, Ending.Wrong)
        from after in Gen.Choose(0, 8)
        from knowledge in publish ? Gen.Elements(Knowledge.Hash, Knowledge.Hash, Knowledge.NoHash, Knowledge.Ignored) : Gen.Elements(Knowledge.NoHash, Knowledge.NoHash, Knowledge.Ignored)
        select (Command)new Save(generation, connections, requestBytes * World.Unit, part * World.Unit, force, sparse, ending, after, knowledge);

    private static Gen<Command> Tampered => from what in Gen.Elements(Enum.GetValues<Tampering>()) from place in Gen.Choose(0, 1000) select (Command)new Tamper(what, place);

    /// <summary>Steps of a history of a blob whose hash is published, or not.</summary>
    public static Gen<Command> Any(bool publish) => Gen.Frequency((3, Saving(publish)), (2, Tampered));
}

/// <summary>Saves the blob, once.</summary>
/// <param name="Generation">Which of the clusters that have it.</param>
/// <param name="Connections">At a time.</param>
/// <param name="RequestBytes">Bytes of a request.</param>
/// <param name="Part">Bytes of a part, if it begins anew.</param>
/// <param name="Force">Replace what is there.</param>
/// <param name="Sparse">Leave zeros out.</param>
/// <param name="Ending">How it ends.</param>
/// <param name="After">After how many data requests, unless it is done by then.</param>
/// <param name="Knowledge">What it knows of the hash.</param>
internal sealed record Save(ServerGeneration Generation, int Connections, int RequestBytes, int Part, bool Force, bool Sparse, Ending Ending, int After, Knowledge Knowledge) : Command;

/// <summary>Changes what lies in the folder.</summary>
/// <param name="What">What is done.</param>
/// <param name="Place">Where, modulo what there is.</param>
internal sealed record Tamper(Tampering What, int Place) : Command;
