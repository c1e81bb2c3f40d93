using System.Text;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Session;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class SettingsTests : IDisposable
{
    private const string One = "http://one.example.com:13000";
    private const string Two = "http://two.example.com:13000";

    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, string?> _environment = [];

    private string HomeFile => _folder.At(".shakenfist");

    private string SystemFile => _folder.At("shakenfist.json");

    public void Dispose() => _folder.Dispose();

    private SfConnectionSettings Resolve(string? url = null, string? @namespace = null, string? key = null) =>
        new SettingsResolver(_environment.GetValueOrDefault, [HomeFile, SystemFile]).Resolve(url, @namespace, key);

    private void SetEnvironment(string? url, string? @namespace, string? key)
    {
        _environment["SHAKENFIST_API_URL"] = url;
        _environment["SHAKENFIST_NAMESPACE"] = @namespace;
        _environment["SHAKENFIST_KEY"] = key;
    }

    private static void WriteFile(string path, string? url, string? @namespace, string? key) =>
        File.WriteAllText(path, "{" + string.Join(", ", new[] { ("apiurl", url), ("namespace", @namespace), ("key", key) }
            .Where(m => m.Item2 is not null).Select(m => $"\"{m.Item1}\": \"{m.Item2}\"")) + "}");

    [Fact]
    public void Parameters_take_precedence_over_the_environment_and_the_environment_over_files()
    {
        WriteFile(SystemFile, One, "from-system", "k4");
        Assert.Equal(("from-system", "k4"), (Resolve().Namespace, Resolve().Key));
        WriteFile(HomeFile, One, "from-home", "k3");
        Assert.Equal(("from-home", "k3"), (Resolve().Namespace, Resolve().Key));
        SetEnvironment(One, "from-environment", "k2");
        Assert.Equal(("from-environment", "k2"), (Resolve().Namespace, Resolve().Key));
        Assert.Equal("the environment", Resolve().Source);
        SfConnectionSettings settings = Resolve(One, "from-parameters", "k1");
        Assert.Equal(("from-parameters", "k1", "the parameters"), (settings.Namespace, settings.Key, settings.Source));
    }

    [Fact]
    public void Each_field_is_searched_for_separately()
    {
        WriteFile(HomeFile, One, null, "k3");
        WriteFile(SystemFile, null, "from-system", null);
        SfConnectionSettings settings = Resolve();
        Assert.Equal((new Uri(One), "from-system", "k3"), (settings.ApiUrl, settings.Namespace, settings.Key));
        Assert.Equal($"'{HomeFile}'", settings.Source);
        settings = Resolve(@namespace: "mine");
        Assert.Equal(("mine", "k3"), (settings.Namespace, settings.Key));
    }

    [Fact]
    public void Files_are_not_read_if_no_field_is_missing()
    {
        File.WriteAllText(HomeFile, "not JSON");
        Assert.Equal("k", Resolve(One, "n", "k").Key);
        SetEnvironment(One, "n", "e");
        Assert.Equal("e", Resolve().Key);
    }

    [Fact]
    public void A_key_of_another_origin_is_never_used()
    {
        WriteFile(HomeFile, Two, "n", Cluster.Key);
        SfException e = SfAssert.Throws(SfErrors.KeyForOtherUrl, () => Resolve(One));
        Assert.Contains("the parameters", e.Message, StringComparison.Ordinal);
        Assert.Contains(HomeFile, e.Message, StringComparison.Ordinal);
        Assert.Contains("one.example.com", e.Message, StringComparison.Ordinal);
        Assert.Contains("two.example.com", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_of_a_file_is_not_used_for_the_URL_of_the_environment()
    {
        SetEnvironment(One, null, null);
        WriteFile(HomeFile, Two, "n", Cluster.Key);
        Assert.Contains("the environment", SfAssert.Throws(SfErrors.KeyForOtherUrl, () => Resolve()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_of_the_environment_is_not_used_for_another_URL_from_a_parameter()
    {
        SetEnvironment(Two, "n", Cluster.Key);
        SfException e = SfAssert.Throws(SfErrors.KeyForOtherUrl, () => Resolve(One));
        Assert.Contains("is from the environment", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_variables_with_the_URL_and_the_key_are_named()
    {
        SetEnvironment(One, "n", null);
        WriteFile(HomeFile, Two, null, Cluster.Key);
        Assert.Equal($"The URL {One}/ is from the environment variable SHAKENFIST_API_URL, but the only key found is from '{HomeFile}' and belongs to {Two}. The key was not used.",
            SfAssert.Throws(SfErrors.KeyForOtherUrl, () => Resolve()).Message);
        SetEnvironment(Two, "n", Cluster.Key);
        Assert.Equal($"The URL {One}/ is from the parameters, but the only key found is from the environment variable SHAKENFIST_KEY and belongs to {Two}. The key was not used.",
            SfAssert.Throws(SfErrors.KeyForOtherUrl, () => Resolve(One)).Message);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void A_file_with_a_byte_order_mark_is_read(string encoding)
    {
        string text = $"{{\r\n  \"apiurl\": \"{One}\",\r\n  \"namespace\": \"größe\",\r\n  \"key\": \"k€y\"\r\n}}\r\n";
        Encoding code = Encoding.GetEncoding(encoding);
        File.WriteAllBytes(HomeFile, [.. code.GetPreamble(), .. code.GetBytes(text)]);
        Assert.Equal((new Uri(One), "größe", "k€y"), (Resolve().ApiUrl, Resolve().Namespace, Resolve().Key));
    }

    [Fact]
    public void A_file_that_is_not_UTF_8_is_reported_without_its_key()
    {
        File.WriteAllBytes(HomeFile, Encoding.Latin1.GetBytes($"{{\"apiurl\": \"{One}\", \"namespace\": \"n\", \"key\": \"canary-schlüssel\"}}"));
        Assert.Equal($"The configuration file '{HomeFile}' contains bytes that are not valid UTF-8.", SfAssert.Throws(SfErrors.ConfigurationInvalid, () => Resolve()).Message);
        Assert.DoesNotContain("canary", SfAssert.Throws(SfErrors.ConfigurationInvalid, () => Resolve()).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_of_a_file_without_a_URL_is_not_used_elsewhere()
    {
        WriteFile(HomeFile, null, "n", Cluster.Key);
        SfException e = SfAssert.Throws(SfErrors.KeyForOtherUrl, () => Resolve(One));
        Assert.Contains("no URL", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_usable_key_after_a_skipped_one_is_found()
    {
        SetEnvironment(Two, "n", "wrong");
        WriteFile(HomeFile, One, "n", "right");
        SfConnectionSettings settings = Resolve(One);
        Assert.Equal("right", settings.Key);
        Assert.Equal($"the parameters, with the key from '{HomeFile}'", settings.Source);
    }

    [Fact]
    public void A_key_of_the_same_origin_is_used_regardless_of_the_path()
    {
        WriteFile(HomeFile, One + "/api", "n", "k");
        Assert.Equal("k", Resolve(One.ToUpperInvariant()).Key);
    }

    [Theory]
    [InlineData("https://one.example.com:13000")]
    [InlineData("http://one.example.com:13001")]
    [InlineData("http://one.example.com")]
    public void Another_scheme_or_port_is_another_origin(string url)
    {
        WriteFile(HomeFile, One, "n", Cluster.Key);
        SfAssert.Throws(SfErrors.KeyForOtherUrl, () => Resolve(url));
    }

    [Fact]
    public void A_key_without_a_URL_is_used_for_the_URL_that_is_found()
    {
        WriteFile(HomeFile, One, "n", "k3");
        Assert.Equal("mine", Resolve(key: "mine").Key);
        SetEnvironment(null, null, "k2");
        Assert.Equal("k2", Resolve().Key);
        Assert.Equal("k2", Resolve(Two).Key);
    }

    [Fact]
    public void A_missing_setting_is_reported()
    {
        Assert.StartsWith("No API URL", SfAssert.Throws(SfErrors.NotConfigured, () => Resolve()).Message, StringComparison.Ordinal);
        Assert.StartsWith("No key", SfAssert.Throws(SfErrors.NotConfigured, () => Resolve(One)).Message, StringComparison.Ordinal);
        Assert.StartsWith("No namespace", SfAssert.Throws(SfErrors.NotConfigured, () => Resolve(One, key: "k")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_values_are_ignored()
    {
        SetEnvironment("", "", "");
        WriteFile(HomeFile, "", "", "");
        WriteFile(SystemFile, One, "n", "k");
        Assert.Equal($"'{SystemFile}'", Resolve().Source);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not JSON canary-5up3rs3cr3t")]
    [InlineData("[\"canary-5up3rs3cr3t\"]")]
    [InlineData("{\"key\": \"canary-5up3rs3cr3t\", }")]
    [InlineData("{\"key\": \"canary-5up3rs3cr3t\", \"apiurl\": 7}")]
    [InlineData("{\n\"key\": canary-5up3rs3cr3t}")]
    public void A_malformed_file_is_reported_without_its_key(string text)
    {
        File.WriteAllText(HomeFile, text);
        Assert.Contains(HomeFile, SfAssert.Throws(SfErrors.ConfigurationInvalid, () => Resolve()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_reported()
    {
        Directory.CreateDirectory(HomeFile);
        Assert.Contains(HomeFile, SfAssert.Throws(SfErrors.ConfigurationInvalid, () => Resolve()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://one.example.com")]
    [InlineData("one.example.com:13000")]
    [InlineData("/api")]
    [InlineData("")]
    [InlineData("http://")]
    [InlineData("http://one.example.com/?a=b")]
    [InlineData("http://one.example.com/#a")]
    [InlineData("file:///etc/passwd")]
    public void Other_forms_of_URL_are_rejected(string url) => SfAssert.Throws(SfErrors.ApiUrlInvalid, () => Resolve(url, "n", "k"));

    [Fact]
    public void A_URL_with_a_password_is_rejected_without_repeating_it()
    {
        SfException e = SfAssert.Throws(SfErrors.ApiUrlInvalid, () => Resolve($"http://someone:{Cluster.Key}@one.example.com", "n", "k"));
        Assert.DoesNotContain("someone", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_show_no_key()
    {
        SfConnectionSettings settings = Resolve(One + "/api", "n", Cluster.Key);
        Assert.Equal($"{One}/api as n (the parameters)", settings.ToString());
    }

    [Fact]
    public void A_missing_setting_is_reported_with_the_searched_sources() => Assert.Equal(
        $"No API URL was found in -ApiUrl, the environment variable SHAKENFIST_API_URL, the file '{HomeFile}', the file '{SystemFile}'.",
        SfAssert.Throws(SfErrors.NotConfigured, () => Resolve()).Message);

    [Fact]
    public void The_files_are_those_of_sf_client()
    {
        _environment["HOME"] = _folder.At("home");
        _environment["USERPROFILE"] = _folder.At("profile");
        Assert.Equal([Path.Combine(_folder.At("home"), ".shakenfist"), "/etc/sf/shakenfist.json"], Files(isWindows: false));
    }

    [Fact]
    public void On_Windows_the_file_of_the_profile_is_used_regardless_of_HOME()
    {
        _environment["HOME"] = _folder.At("home");
        _environment["USERPROFILE"] = _folder.At("profile");
        Assert.Equal([Path.Combine(_folder.At("profile"), ".shakenfist")], Files(isWindows: true));
        _environment.Clear();
        Assert.Equal([HomeFile], Files(isWindows: true));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("somewhere/else")]
    public void A_home_directory_that_is_empty_or_relative_is_replaced_by_the_profile(string? home)
    {
        _environment["HOME"] = _environment["USERPROFILE"] = home;
        Assert.Equal([HomeFile, "/etc/sf/shakenfist.json"], Files(isWindows: false));
        Assert.Equal([HomeFile], Files(isWindows: true));
    }

    [Fact]
    public void Without_any_home_directory_no_file_of_the_current_directory_is_read()
    {
        _environment["HOME"] = "";
        Assert.Equal(["/etc/sf/shakenfist.json"], SettingsResolver.GetFiles(_environment.GetValueOrDefault, isWindows: false, ""));
        Assert.Empty(SettingsResolver.GetFiles(_environment.GetValueOrDefault, isWindows: true, ""));
        Assert.EndsWith("SHAKENFIST_API_URL.", SfAssert.Throws(SfErrors.NotConfigured, () => new SettingsResolver(_environment.GetValueOrDefault, []).Resolve(null, null, null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_resolver_for_this_user_works_on_every_system() => Assert.NotNull(SettingsResolver.ForThisUser());

    private IReadOnlyList<string> Files(bool isWindows) => SettingsResolver.GetFiles(_environment.GetValueOrDefault, isWindows, _folder.Path);

    [Theory]
    [InlineData("http://h:13000", "http://h:13000/", "http://h:13000/auth")]
    [InlineData("http://h/api", "http://h/api/", "http://h/api/auth")]
    [InlineData("http://h/api/", "http://h/api/", "http://h/api/auth")]
    [InlineData("https://[::1]:8443/a/b//", "https://[::1]:8443/a/b/", "https://[::1]:8443/a/b/auth")]
    public void Routes_keep_the_base_path(string url, string root, string auth)
    {
        Routes routes = new(Routes.ParseApiUrl(url));
        Assert.Equal(root, routes.Root.AbsoluteUri);
        Assert.Equal(auth, routes.Auth.AbsoluteUri);
        Assert.EndsWith("/blobs/00000000-0000-0000-0000-000000000000/data?offset=5&limit=7", routes.BlobData(Guid.Empty, 5, 7).AbsoluteUri, StringComparison.Ordinal);
        Assert.EndsWith("/data?offset=5", routes.BlobData(Guid.Empty, 5, null).AbsoluteUri, StringComparison.Ordinal);
    }
}
