using System.Collections.ObjectModel;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using ShakenFist.Blobs.Tests.Conventions;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Examples;

/// <summary>An example of a help page, taken apart: its statements, the commands that it names, and what is to come of it.</summary>
internal sealed partial record PageExample(string Page, HelpExample Help)
{
    private readonly ScriptBlockAst _script = Parse(Help.Code);

    /// <summary>All examples of all pages.</summary>
    public static IReadOnlyList<PageExample> All { get; } =
        [.. CommandConventions.Names().SelectMany(row => HelpPage.FromMarkdown(row.Data).Examples.Select(example => new PageExample(row.Data, example)))];

    public IReadOnlyList<string> Statements => [.. Top.Select(statement => statement.Extent.Text)];

    /// <summary>
    /// Whether the engine alone can run it: it names no command but the engine's own and this module's, and makes no other runspace, which would look for the module
    /// by its name. All others run in the Pester suite, which knows them by the same rule.
    /// </summary>
    public bool NeedsTheEngineAlone => Commands().All(command => command.GetCommandName() is { } name && (ModuleUnderTest.Names.Contains(name) || EngineCommands.Value.Contains(name)))
        && !_script.FindAll(ast => ast is CommandParameterAst { ParameterName: "Parallel" }, searchNestedScriptBlocks: true).Any();

    /// <summary>Whether it connects by what the environment says, which belongs to the whole process.</summary>
    public bool Connects => Commands().Any(command => command.GetCommandName() == "Connect-SfCluster");

    /// <summary>Whether something must come out at its end. A command that changes something does that silently, and some examples are about finding nothing.</summary>
    public bool MustOutput => !Silence().IsMatch(Help.Text) && !Help.Code.Contains("SilentlyContinue", StringComparison.Ordinal) && Top[^1] switch
    {
        AssignmentStatementAst => false,
        PipelineAst pipeline when CommandAtTheEnd(pipeline) is { } command => !IsQuiet(command),
        _ => true,
    };

    /// <summary>The error id that its last line shows, if what is said of it names one.</summary>
    public string? ErrorIdToShow => Help.Code.EndsWith(".FullyQualifiedErrorId", StringComparison.Ordinal) ? ErrorId().Match(Help.Text).Groups["id"].Value : null;

    private ReadOnlyCollection<StatementAst> Top => _script.EndBlock.Statements;

    private static Lazy<HashSet<string>> EngineCommands { get; } = new(() =>
    {
        using Engine engine = new(import: false);
        return engine.Run("Get-Command -CommandType Cmdlet -Module Microsoft.PowerShell.Core").Good.Output.Select(command => command.Text("Name")).ToHashSet(StringComparer.OrdinalIgnoreCase);
    });

    /// <summary>The command of this module from which the output of a statement comes, and the variable that takes it, if one does.</summary>
    public (string Command, string? Variable)? Source(int statement) => Top[statement] switch
    {
        AssignmentStatementAst { Left: VariableExpressionAst variable, Right: PipelineAst pipeline } when NameAtTheEnd(pipeline) is { } name => (name, variable.VariablePath.UserPath),
        PipelineAst pipeline when NameAtTheEnd(pipeline) is { } name => (name, null),
        _ => null,
    };

    public override string ToString() => $"{Page}: {Help.Title}";

    private static ScriptBlockAst Parse(string code)
    {
        ScriptBlockAst script = Parser.ParseInput(code, out _, out ParseError[] mistakes);
        Assert.Empty(mistakes);
        return script;
    }

    private IEnumerable<CommandAst> Commands() => _script.FindAll(ast => ast is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>();

    private static CommandAst? CommandAtTheEnd(PipelineAst pipeline) => pipeline.PipelineElements[^1] as CommandAst;

    private static string? NameAtTheEnd(PipelineAst pipeline) => CommandAtTheEnd(pipeline)?.GetCommandName() is { } name && ModuleUnderTest.Names.Contains(name) ? name : null;

    private bool IsQuiet(CommandAst command)
    {
        string name = command.GetCommandName();
        string verb = name.Split('-')[0];
        return Help.Code.Contains("-WhatIf", StringComparison.Ordinal)
            || verb is "Remove" or "Disconnect"
            || (verb is "New" or "Set" or "Save" or "Resume" or "Export" && !Help.Code.Contains("PassThru", StringComparison.Ordinal) && !WritesText(name));
    }

    // The graph is text where no file is named.
    private bool WritesText(string name) => name == "Export-SfBlobGraph" && !Help.Code.Contains("-Path", StringComparison.Ordinal);

    [GeneratedRegex("[Nn]othing is output|[Nn]o output")]
    private static partial Regex Silence();

    [GeneratedRegex("the error is (?<id>[A-Za-z]+)")]
    private static partial Regex ErrorId();
}
