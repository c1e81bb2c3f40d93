using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests.Properties.Machine;

/// <summary>How a command that saves the blob ends.</summary>
internal enum Ending
{
    /// <summary>Without interruption.</summary>
    Itself,

    /// <summary>The cluster rejects all data requests after the first few.</summary>
    Refused,

    /// <summary>The user stops the command during a data request.</summary>
    Stopped,

    /// <summary>The process is killed during a data request.</summary>
    Killed,

    /// <summary>Without interruption, but the cluster returns one wrong bit each time. Only if the hash is verified.</summary>
    Wrong,
}

/// <summary>Specifies whether a command has the hash of the blob.</summary>
internal enum Knowledge
{
    /// <summary>The record contains the hash.</summary>
    Hash,

    /// <summary>The record does not contain the hash.</summary>
    NoHash,

    /// <summary>The record contains the hash, but verification is disabled.</summary>
    Ignored,
}

/// <summary>A change of the files between two commands.</summary>
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
        from generation in Gen.Frequency((1, Gen.Constant(ServerGeneration.A)), (2, Gen.Constant(ServerGeneration.B)), (2, Gen.Constant(ServerGeneration.C)), (2, Gen.Constant(ServerGeneration.D)))
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

    /// <summary>Generates the steps of a history.</summary>
    public static Gen<Command> Any(bool publish) => Gen.Frequency((3, Saving(publish)), (2, Tampered));
}

/// <summary>Saves the blob once.</summary>
/// <param name="Generation">The generation of the cluster.</param>
/// <param name="Connections">Maximum number of connections.</param>
/// <param name="RequestBytes">Length of a request in bytes.</param>
/// <param name="Part">Length of a block in bytes if the transfer starts from the beginning.</param>
/// <param name="Force">Whether to replace an existing file.</param>
/// <param name="Sparse">Whether to write a sparse file.</param>
/// <param name="Ending">How the command ends.</param>
/// <param name="After">The number of data requests after which it ends, unless it completes before.</param>
/// <param name="Knowledge">Whether the command has the hash.</param>
internal sealed record Save(ServerGeneration Generation, int Connections, int RequestBytes, int Part, bool Force, bool Sparse, Ending Ending, int After, Knowledge Knowledge) : Command;

/// <summary>Changes the files in the folder.</summary>
/// <param name="What">The change.</param>
/// <param name="Place">The position, modulo the available length.</param>
internal sealed record Tamper(Tampering What, int Place) : Command;
