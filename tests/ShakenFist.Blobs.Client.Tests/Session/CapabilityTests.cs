using ShakenFist.Blobs.Client.Tests.Properties;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class CapabilityTests
{
    // The root page of a real server, shortened, including its missing end tag.
    private const string Page =
        "<html><head><title>Shaken Fist REST API service</title></head><body><h1>Shaken Fist REST API service</h1>"
        + "<p>You might be interested in the <a href=\"/apidocs\">apidocs</a>.</p><p>Machine searchable API capabilities:</p><ul>"
        + "<li>admin: cluster-cacert, cluster-resources</li>"
        + "<li>blobs: blob-metadata, blob-search-by-hash, blob-data-limit, blob-hash-sha1</li>"
        + "<li>networks: list-addresses, provide-dns, extra-dns-entries<li>networkinterfaces: interface-metadata</li>"
        + "<li>nodes: node-get, node-metadata</li></ul></p></body></html>";

    [Fact]
    public void Families_and_names_are_parsed_even_if_an_end_tag_is_missing()
    {
        SfCapabilities found = SfCapabilities.Parse(Page);
        Assert.Equal(["admin", "blobs", "networks", "networkinterfaces", "nodes"], found.Families.Keys);
        Assert.Equal(["blob-metadata", "blob-search-by-hash", "blob-data-limit", "blob-hash-sha1"], found.Families["blobs"]);
        Assert.Equal(["list-addresses", "provide-dns", "extra-dns-entries"], found.Families["networks"]);
        Assert.Equal(["interface-metadata"], found.Families["networkinterfaces"]);
    }

    [Theory]
    [InlineData("blob-data-limit", true)]
    [InlineData("interface-metadata", true)]
    [InlineData("blob-data", false)]
    [InlineData("limit", false)]
    [InlineData("Blob-Data-Limit", false)]
    [InlineData("blobs", false)]
    [InlineData("", false)]
    public void A_capability_is_compared_by_its_whole_name(string name, bool announced) => Assert.Equal(announced, SfCapabilities.Parse(Page).Has(name));

    [Theory]
    [InlineData("Shaken Fist REST API service")]
    [InlineData("")]
    [InlineData("blobs: blob-data-limit")]
    [InlineData("<li>blob-data-limit</li>")]
    [InlineData("<li>: blob-data-limit</li>")]
    [InlineData("<ul><li>")]
    public void A_page_without_a_list_announces_nothing(string page)
    {
        Assert.False(SfCapabilities.Parse(page).Has("blob-data-limit"));
        Assert.False(SfCapabilities.None.Has("blob-data-limit"));
    }

    [Theory]
    [InlineData("<LI>blobs:blob-data-limit")]
    [InlineData("<li> blobs :\n ,blob-data-limit, ,</li")]
    [InlineData("<li>blobs: x</li><li>blobs: blob-data-limit</li>")]
    public void Nonstandard_forms_are_parsed(string page) => Assert.True(SfCapabilities.Parse(page).Has("blob-data-limit"));

    [Cases(300)]
    public bool Any_page_is_parsed_without_an_error(string? text, int cut, string? more)
    {
        string page = Page[..(int)((uint)cut % Page.Length)] + text + "<li>" + more;
        return SfCapabilities.Parse(page).Families.Values.All(names => names.All(name => name.Length > 0));
    }
}
