using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace ShakenFist.Blobs.Playground.Host;

/// <summary>What PowerShell may ask the user: only where there is one to answer.</summary>
internal static class Questions
{
    /// <exception cref="PSNotSupportedInPlaygroundException">Nobody could answer.</exception>
    public static void RequireTerminal()
    {
        if (Console.IsInputRedirected || Console.IsOutputRedirected)
        {
            throw new PSNotSupportedInPlaygroundException("Asking the user without a terminal");
        }
    }

    public static string ReadLine()
    {
        RequireTerminal();
        return Console.ReadLine() ?? throw new PipelineStoppedException();
    }

    public static SecureString ReadSecret()
    {
        RequireTerminal();
        SecureString secret = new();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                if (secret.Length > 0)
                {
                    secret.RemoveAt(secret.Length - 1);
                }
            }
            else if (!char.IsControl(key.KeyChar))
            {
                secret.AppendChar(key.KeyChar);
            }
        }

        Console.WriteLine();
        return secret;
    }

    /// <summary>Asks for a value of each field, such as the mandatory parameters that were left out.</summary>
    public static Dictionary<string, PSObject> Fields(PlaygroundUI ui, Collection<FieldDescription> fields)
    {
        Dictionary<string, PSObject> answers = [];
        foreach (FieldDescription field in fields)
        {
            ui.Write($"{field.Name}: ");
            answers[field.Name] = field.ParameterTypeFullName switch
            {
                "System.Security.SecureString" => PSObject.AsPSObject(ReadSecret()),
                "System.Management.Automation.PSCredential" => PSObject.AsPSObject(Credential(ui, string.Empty)),
                _ => PSObject.AsPSObject(ReadLine()),
            };
        }

        return answers;
    }

    public static PSCredential Credential(PlaygroundUI ui, string userName)
    {
        if (string.IsNullOrEmpty(userName))
        {
            ui.Write("User: ");
            userName = ReadLine();
        }

        ui.Write($"Password for {userName}: ");
        return new PSCredential(userName, ReadSecret());
    }

    /// <summary>One of several choices, by the letter after the ampersand of its label, or by the whole label.</summary>
    public static int Choice(PlaygroundUI ui, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        string menu = string.Join("  ", choices.Select(c => $"[{Letter(c)}] {Label(c)}"));
        string standard = defaultChoice >= 0 ? $" (default is \"{Letter(choices[defaultChoice])}\")" : string.Empty;
        while (true)
        {
            ui.Write($"{menu}{standard}: ");
            string answer = ReadLine().Trim();
            if (answer.Length == 0 && defaultChoice >= 0)
            {
                return defaultChoice;
            }

            for (int i = 0; i < choices.Count; i++)
            {
                if (answer.Equals(Letter(choices[i]), StringComparison.OrdinalIgnoreCase) || answer.Equals(Label(choices[i]), StringComparison.OrdinalIgnoreCase))
                {
                    return i;
                }
            }
        }
    }

    private static string Label(ChoiceDescription choice) => choice.Label.Replace("&", string.Empty, StringComparison.Ordinal);

    private static string Letter(ChoiceDescription choice)
    {
        int mark = choice.Label.IndexOf('&', StringComparison.Ordinal);
        return mark >= 0 && mark + 1 < choice.Label.Length ? char.ToUpper(choice.Label[mark + 1], CultureInfo.CurrentCulture).ToString() : Label(choice);
    }
}
