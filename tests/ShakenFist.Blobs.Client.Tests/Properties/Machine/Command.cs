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
    private static Gen<Command> Saving =>
        from generation in Gen.Frequency((1, Gen.Constant(ServerGeneration.A)), (2, Gen.Constant(ServerGeneration.B)), (2, Gen.Constant(ServerGeneration.C)))
        from connections in Gen.Elements(1, 1, 1, 2, 5, 16)
        from window in Gen.Choose(1, 7)
        from part in Gen.Elements(1, 2)
        from force in Gen.Elements(true, false)
        from sparse in Gen.Elements(true, false)
        from ending in Gen.Elements(Ending.Itself, Ending.Refused, Ending.Refused, Ending.Stopped, Ending.Stopped, Ending.Killed, Ending.Killed)
        from after in Gen.Choose(0, 8)
        select (Command)new Save(generation, connections, window * World.Unit, part * World.Unit, force, sparse, ending, after);

    private static Gen<Command> Tampered => from what in Gen.Elements(Enum.GetValues<Tampering>()) from place in Gen.Choose(0, 1000) select (Command)new Tamper(what, place);

    /// <summary>Steps of a history.</summary>
    public static Gen<Command> Any => Gen.Frequency((3, Saving), (2, Tampered));
}

/// <summary>Saves the blob, once.</summary>
/// <param name="Generation">Which of the clusters that have it.</param>
/// <param name="Connections">At a time.</param>
/// <param name="Window">Bytes of a request.</param>
/// <param name="Part">Bytes of a part, if it begins anew.</param>
/// <param name="Force">Replace what is there.</param>
/// <param name="Sparse">Leave zeros out.</param>
/// <param name="Ending">How it ends.</param>
/// <param name="After">After how many data requests, unless it is done by then.</param>
internal sealed record Save(ServerGeneration Generation, int Connections, int Window, int Part, bool Force, bool Sparse, Ending Ending, int After) : Command;

/// <summary>Changes what lies in the folder.</summary>
/// <param name="What">What is done.</param>
/// <param name="Place">Where, modulo what there is.</param>
internal sealed record Tamper(Tampering What, int Place) : Command;
