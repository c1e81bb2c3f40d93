using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Json;
using ShakenFist.Blobs.Session;

namespace ShakenFist.Blobs.Client.Tests.Properties;

/// <summary>Tests settings from parameters, environment, and files: each field is from the first source that has it, and a key is used only where permitted.</summary>
public sealed class SettingsProperties
{
    private static readonly string[] Urls = ["http://one.example.com:13000", "http://one.example.com:13000/api", "https://two.example.com", "http://127.0.0.1:1"];

    private static Gen<string?> Url => Gen.Elements([null, null, .. Urls]);

    private static Gen<Source> Sources =>
        from url in Url
        from name in Gen.Elements(null, "n1", "n2", "größe")
        from key in Gen.Elements(null, Cluster.Key + "-1", Cluster.Key + "-2")
        select new Source(url, name, key);

    private static Gen<string> Text => Gen.OneOf(
        Given.Bytes.Generator.Select(Encoding.Latin1.GetString),
        from url in Gen.Elements("null", "\"\"", "7", "\"http://one.example.com\"", "\"no url\"", "\"http://u:" + Cluster.Key + "@h\"", "{}")
        from name in Gen.Elements("null", "\"\"", "7", "\"n\"", "[]")
        from key in Gen.Elements("null", "\"\"", "7", $"\"{Cluster.Key}\"", $"[\"{Cluster.Key}\"]")
        from end in Gen.Elements("}", "", "}}", $", {Cluster.Key}")
        select $"{{\"apiurl\": {url}, \"namespace\": {name}, \"key\": {key}{end}");

    [Cases(500)]
    public Property Each_field_is_from_the_first_source_and_a_key_is_used_only_with_its_own_URL() =>
        Prop.ForAll(Gen.ArrayOf(Sources, 4).ToArbitrary(), sources =>
        {
            using TempFolder folder = new();
            Source parameters = sources[0];
            Source variables = sources[1];
            string[] files = [Write(folder, "home", sources[2]), Write(folder, "system", sources[3])];
            SfConnectionSettings? found = null;
            SfError? error = null;
            try
            {
                found = new SettingsResolver(variables.Variable, files).Resolve(parameters.Url, parameters.Name, parameters.Key);
            }
            catch (SfException e)
            {
                Assert.DoesNotContain(Cluster.Key, e.ToString(), StringComparison.Ordinal);
                error = e.Error;
            }

            string? url = sources.FirstOrDefault(s => s.Url is not null)?.Url;
            string? name = sources.FirstOrDefault(s => s.Name is not null)?.Name;
            (Source Source, int Index)[] keys = [.. sources.Select((s, i) => (s, i)).Where(s => s.s.Key is not null)];
            string? key = url is null ? null : keys.FirstOrDefault(k => MayGo(k.Source, k.Index >= 2, url)).Source?.Key;
            SfError? due = url is null ? SfErrors.NotConfigured
                : key is null ? (keys.Length > 0 ? SfErrors.KeyForOtherUrl : SfErrors.NotConfigured)
                : name is null ? SfErrors.NotConfigured : null;
            return error == due && (found is null || (found.ApiUrl == new Uri(url!) && found.Namespace == name && found.Key == key && !found.ToString().Contains(Cluster.Key, StringComparison.Ordinal)));
        });

    [Cases(500)]
    public Property Any_file_is_parsed_or_reported_without_its_content() =>
        Prop.ForAll(Text.ToArbitrary(), text =>
        {
            using TempFolder folder = new();
            string file = folder.Write("home", Encoding.UTF8.GetBytes(text));
            try
            {
                SfConnectionSettings found = new SettingsResolver(_ => null, [file]).Resolve(null, null, null);
                return found.Key == Cluster.Key && found.Namespace.Length > 0;
            }
            catch (SfException e)
            {
                return (e.Error == SfErrors.ConfigurationInvalid || e.Error == SfErrors.NotConfigured || e.Error == SfErrors.ApiUrlInvalid)
                    && !e.ToString().Contains(Cluster.Key, StringComparison.Ordinal) && !e.Message.Any(char.IsControl);
            }
        });

    [Cases(300)]
    public Property Any_environment_is_accepted_or_reported_without_its_key() =>
        Prop.ForAll(WrittenJsonProperties.Text.ToArbitrary(), WrittenJsonProperties.Text.ToArbitrary(), Url.ToArbitrary(), (any, name, url) =>
        {
            Source variables = new(url ?? any, name, Cluster.Key);
            try
            {
                SfConnectionSettings found = new SettingsResolver(variables.Variable, []).Resolve(null, null, null);
                return found.Namespace == name && found.Key == Cluster.Key && found.ApiUrl.Scheme is "http" or "https";
            }
            catch (SfException e)
            {
                return (e.Error == SfErrors.ApiUrlInvalid || (e.Error == SfErrors.NotConfigured && (name.Length == 0 || variables.Url!.Length == 0)))
                    && !e.ToString().Contains(Cluster.Key, StringComparison.Ordinal);
            }
        });

    private static bool MayGo(Source source, bool isFile, string url) =>
        source.Url is null ? !isFile : Routes.SameOrigin(new Uri(source.Url), new Uri(url));

    private static string Write(TempFolder folder, string file, Source source)
    {
        Dictionary<string, object?> members = [];
        if (source.Url is not null)
        {
            members["apiurl"] = source.Url;
        }

        if (source.Name is not null)
        {
            members["namespace"] = source.Name;
        }

        if (source.Key is not null)
        {
            members["key"] = source.Key;
        }

        return folder.Write(file, JsonWriter.Write(members));
    }

    private sealed record Source(string? Url, string? Name, string? Key)
    {
        public string? Variable(string name) => name switch { "SHAKENFIST_API_URL" => Url, "SHAKENFIST_NAMESPACE" => Name, "SHAKENFIST_KEY" => Key, _ => null };
    }
}
