using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Client.Tests.Properties;

/// <summary>Tests that all URLs are below the base URL, for any base URL.</summary>
public sealed class UrlProperties
{
    private static readonly Guid Uuid = Guid.Parse("5f000001-0000-4000-8000-000000000001");

    private static Gen<string> Host => Gen.Elements("sf.example.com", "localhost", "10.1.2.3", "[::1]", "[2001:db8::7]", "SF.Example.COM", "xn--gre-6ka8i.example", "größe.example");

    private static Gen<string> Path => Gen.Elements("", "/", "/api", "/api/", "/a/b/c", "/a/b/c//", "/with%20space", "/ü");

    private static Gen<(string Url, string Scheme, int? Port)> Base =>
        from scheme in Gen.Elements("http", "https", "HTTP")
        from host in Host
        from port in Gen.Elements<int?>(null, 80, 443, 13000, 65535)
        from path in Path
        select ($"{scheme}://{host}{(port is null ? "" : $":{port}")}{path}", scheme, port);

    private static Gen<string> Key => Gen.OneOf(
        WrittenJsonProperties.Text,
        Gen.Elements("..", ".", "/", "%2F", "%2e%2e", "\\", "?", "#", "a", " ", "é", ";", "//", "%", "%00").ListOf().Select(parts => string.Concat(parts)));

    [Cases(1000)]
    public Property Every_route_is_below_the_base_URL_at_the_same_origin() =>
        Prop.ForAll(Base.ToArbitrary(), given =>
        {
            Uri url = Routes.ParseApiUrl($" {given.Url}\n");
            Routes routes = new(url);
            string root = url.AbsolutePath.TrimEnd('/');
            Assert.Equal(given.Port ?? (given.Scheme == "https" ? 443 : 80), url.Port);
            Assert.Equal(root + "/", routes.Root.AbsolutePath);
            Uri[] all = [routes.Root, routes.Auth, routes.Blobs, routes.Blob(Uuid), routes.BlobData(Uuid, 7, 9), routes.BlobMetadata(Uuid), routes.BlobEvents(Uuid), routes.BlobMetadataKey(Uuid, "k")];
            Assert.All(all, route => Assert.True(Routes.SameOrigin(url, route) && route.AbsolutePath.StartsWith(root, StringComparison.Ordinal) && !route.AbsolutePath.Contains("//", StringComparison.Ordinal) == !root.Contains("//", StringComparison.Ordinal)));
            Assert.Equal($"{root}/auth", routes.Auth.AbsolutePath);
            Assert.Equal($"{root}/blobs/{Uuid:D}/data?offset=7&limit=9", routes.BlobData(Uuid, 7, 9).PathAndQuery);
            return true;
        });

    [Cases(300)]
    public Property A_base_URL_with_query_fragment_or_user_is_rejected_without_repeating_a_password() =>
        Prop.ForAll(Base.ToArbitrary(), Gen.Elements("?x=1", "#top", "?", "#", "user@", "user:canary-5up3rs3cr3t@").ToArbitrary(), (given, extra) =>
        {
            string url = extra.EndsWith('@') ? given.Url.Replace("://", "://" + extra, StringComparison.Ordinal) : given.Url + extra;
            return SfAssert.Throws(SfErrors.ApiUrlInvalid, () => Routes.ParseApiUrl(url)) is not null;
        });

    [Cases(1000)]
    public Property Any_text_is_a_base_URL_or_is_rejected() =>
        Prop.ForAll(Gen.OneOf(WrittenJsonProperties.Text, Key, Key.Select(k => "http://" + k), Key.Select(k => "https://h/" + k)).ToArbitrary(), text =>
        {
            try
            {
                Uri url = Routes.ParseApiUrl(text);
                Routes routes = new(url);
                return url.Scheme is "http" or "https" && Routes.SameOrigin(url, routes.Auth) && routes.Auth.AbsolutePath.EndsWith("/auth", StringComparison.Ordinal);
            }
            catch (SfException e)
            {
                return e.Error == SfErrors.ApiUrlInvalid && !e.Message.Any(char.IsControl);
            }
        });

    [Cases(2000)]
    public Property A_metadata_key_in_a_path_is_one_segment_of_it_and_reads_back_as_the_key() =>
        Prop.ForAll(Base.ToArbitrary(), Key.ToArbitrary(), (given, key) =>
        {
            if (key.Length == 0 || !Routes.IsPathKey(key))
            {
                return true;
            }

            Routes routes = new(Routes.ParseApiUrl(given.Url));
            Uri url = routes.BlobMetadataKey(Uuid, key);
            string prefix = routes.BlobMetadata(Uuid).AbsolutePath + "/";
            return url.AbsolutePath.StartsWith(prefix, StringComparison.Ordinal)
                && !url.AbsolutePath[prefix.Length..].Contains('/')
                && Uri.UnescapeDataString(url.AbsolutePath[prefix.Length..]) == key
                && url.Query.Length == 0 && url.Fragment.Length == 0
                && Routes.SameOrigin(url, routes.Root);
        });

    [Cases(1000)]
    public Property A_key_that_could_change_the_path_is_not_put_into_the_path() =>
        Prop.ForAll(Key.ToArbitrary(), key => !(key.Contains('/') || key.Contains('\0') || key is "." or "..") || !Routes.IsPathKey(key));
}
