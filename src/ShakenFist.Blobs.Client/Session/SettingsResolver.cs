using System.Text;
using System.Text.Json;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs.Session;

/// <summary>
/// Finds the URL, namespace, and key in the same places as sf-client: parameters, environment, <c>~/.shakenfist</c>, and
/// <c>/etc/sf/shakenfist.json</c> (not on Windows), each field separately. A key is sent only to the URL from the same source, or to one of the same origin.
/// A key from a parameter or the environment without a URL is used for the URL that is found.
/// </summary>
internal sealed class SettingsResolver(Func<string, string?> environment, IReadOnlyList<string> files)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Creates the resolver for this computer and user.</summary>
    public static SettingsResolver ForThisUser() => new(
        Environment.GetEnvironmentVariable,
        GetFiles(Environment.GetEnvironmentVariable, OperatingSystem.IsWindows(), Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)));

    /// <summary>Gets the settings from the parameters, which can be null, and from the other sources.</summary>
    /// <exception cref="SfException">A setting is missing or not valid, or the key belongs to another URL.</exception>
    public SfConnectionSettings Resolve(string? apiUrl, string? @namespace, string? key)
    {
        Candidate parameters = new("the parameters", apiUrl, @namespace, key, IsFile: false);
        Candidate variables = new("the environment", Variable("API_URL"), Variable("NAMESPACE"), Variable("KEY"), IsFile: false);
        List<Candidate> candidates = [parameters, variables];
        foreach (string file in files)
        {
            if (IsComplete(candidates))
            {
                break;
            }

            if (ReadFile(file) is { } found)
            {
                candidates.Add(found);
            }
        }

        Candidate urlSource = candidates.Find(c => c.ApiUrl is not null)
            ?? throw Missing("No API URL", "-ApiUrl", "SHAKENFIST_API_URL");
        Uri url = Routes.ParseApiUrl(urlSource.ApiUrl!);
        Candidate keySource = FindKey(candidates, urlSource == variables ? "the environment variable SHAKENFIST_API_URL" : urlSource.Name, variables, url);
        string name = (candidates.Find(c => c.Namespace is not null)
            ?? throw Missing("No namespace", "-Credential or -Namespace", "SHAKENFIST_NAMESPACE")).Namespace!;
        string source = urlSource == keySource ? urlSource.Name : $"{urlSource.Name}, with the key from {keySource.Name}";
        return new SfConnectionSettings(url, name, keySource.Key!, source);
    }

    /// <summary>
    /// Gets the paths of the configuration files of the user and of the system. An empty or relative home directory is ignored, because the file would then be read
    /// from the current directory. Windows uses USERPROFILE, like Python, because other programs set HOME for their own purposes. The system file is not used on
    /// Windows, where /etc would be a directory of the current drive that any user can create.
    /// </summary>
    internal static IReadOnlyList<string> GetFiles(Func<string, string?> environment, bool isWindows, string profile)
    {
        string? home = Array.Find([environment(isWindows ? "USERPROFILE" : "HOME"), profile], path => path is not null && Path.IsPathFullyQualified(path));
        string[] user = home is null ? [] : [Path.Combine(home, ".shakenfist")];
        return isWindows ? user : [.. user, "/etc/sf/shakenfist.json"];
    }

    private Candidate FindKey(List<Candidate> candidates, string urlSource, Candidate variables, Uri url)
    {
        // Uses the first key that belongs to this URL. If there is none, the error names the first other key.
        Candidate? forbidden = null;
        foreach (Candidate candidate in candidates.Where(c => c.Key is not null))
        {
            if (MayGoTo(candidate, url))
            {
                return candidate;
            }

            forbidden ??= candidate;
        }

        throw forbidden is null
            ? Missing("No key", "-Credential or -Key", "SHAKENFIST_KEY")
            : new SfException(SfErrors.KeyForOtherUrl,
                $"The URL {url} is from {urlSource}, but the only key found is from {(forbidden == variables ? "the environment variable SHAKENFIST_KEY" : forbidden.Name)}{(forbidden.ApiUrl is { } own ? $" and belongs to {ServerText.Clean(own)}" : ", which contains no URL")}. The key was not used.");
    }

    private static bool IsComplete(List<Candidate> candidates) =>
        candidates.Find(c => c.ApiUrl is not null)?.ApiUrl is { } apiUrl
        && candidates.Exists(c => c.Namespace is not null)
        && Routes.ParseApiUrl(apiUrl) is { } url
        && candidates.Exists(c => c.Key is not null && MayGoTo(c, url));

    private static bool MayGoTo(Candidate candidate, Uri url) =>
        candidate.ApiUrl is null ? !candidate.IsFile : Routes.SameOrigin(Routes.ParseApiUrl(candidate.ApiUrl), url);

    private SfException Missing(string what, string parameter, string variable) => new(SfErrors.NotConfigured,
        $"{what} was found in {string.Join(", ", [parameter, $"the environment variable {variable}", .. files.Select(file => $"the file '{file}'")])}.");

    private static Candidate? ReadFile(string path)
    {
        string text;
        try
        {
            // Text editors and PowerShell can write a byte order mark, which Python does not accept. It also specifies UTF-16.
            text = File.ReadAllText(path, StrictUtf8);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SfException(SfErrors.ConfigurationInvalid, $"Cannot read the configuration file '{path}': {ErrorText.Reason(e)}", e);
        }

        catch (DecoderFallbackException)
        {
            throw new SfException(SfErrors.ConfigurationInvalid, $"The configuration file '{path}' contains bytes that are not valid UTF-8.");
        }

        try
        {
            if (JsonTree.Parse(Encoding.UTF8.GetBytes(text)) is Dictionary<string, object?> members)
            {
                return new Candidate($"'{path}'", Member("apiurl"), Member("namespace"), Member("key"), IsFile: true);

                string? Member(string name) => members.GetValueOrDefault(name) switch
                {
                    null or "" => null,
                    string value => value,
                    _ => throw new JsonException($"'{name}' is not a string."),
                };
            }

            throw new JsonException("The JSON value is not an object.");
        }
        catch (JsonException e)
        {
            // The message of the parser is not included: it can quote the file, which contains a key.
            throw new SfException(SfErrors.ConfigurationInvalid,
                $"The configuration file '{path}' is not a JSON object with string values (line {(e.LineNumber ?? 0) + 1}).");
        }
    }

    private string? Variable(string name) => environment("SHAKENFIST_" + name) is { Length: > 0 } value ? value : null;

    private sealed record Candidate(string Name, string? ApiUrl, string? Namespace, string? Key, bool IsFile)
    {
        public override string ToString() => Name;
    }
}
