using System.Management.Automation;
using System.Reflection;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Conventions;

public sealed class ErrorTableConventions
{
    private static readonly (string Field, string Id, string Category, string Advice)[] Rows = [.. ReadTable()];

    [Fact]
    public void Each_id_is_the_name_of_its_field_and_unique()
    {
        Assert.True(Rows.Length > 30);
        Assert.All(Rows, row => Assert.Equal(row.Field, row.Id));
        Assert.All(Rows, row => Assert.Matches("^[A-Z][A-Za-z]+$", row.Id));
        Assert.Equal(Rows.Length, Rows.Select(r => r.Id).Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void Each_category_is_one_of_PowerShells() => Assert.All(Rows, row => Assert.True(Enum.TryParse<ErrorCategory>(row.Category, out _), row.Category));

    [Fact]
    public void Each_category_that_the_table_could_use_is_one_of_PowerShells() => Assert.All(
        Enum.GetNames(ModuleUnderTest.ClientAssembly.GetType("ShakenFist.Blobs.SfErrorCategory", throwOnError: true)!),
        name => Assert.Contains(name, Enum.GetNames<ErrorCategory>()));

    [Fact]
    public void Each_advice_is_a_sentence() => Assert.All(Rows, row =>
    {
        Assert.Matches(@"^[A-Z""'].{10,}[.]$", row.Advice);
        Assert.DoesNotContain("  ", row.Advice, StringComparison.Ordinal);
    });

    [Fact]
    public void Each_command_and_parameter_in_an_advice_exists() => Assert.All(Rows, row => Assert.Empty(Mentions.Unknown(row.Advice)));

    [Fact]
    public void All_lists_every_row()
    {
        Type table = Table();
        int listed = ((System.Collections.ICollection)table.GetProperty("All")!.GetValue(null)!).Count;
        Assert.Equal(Rows.Length, listed);
    }

    /// <summary>Returns the IDs of the table.</summary>
    internal static IEnumerable<string> Ids() => Rows.Select(row => row.Id);

    /// <summary>Returns whether the module retries after this error.</summary>
    internal static bool IsTransient(string id) =>
        (bool)Table().GetMethod("IsTransient", BindingFlags.NonPublic | BindingFlags.Static)!.Invoke(null, [Table().GetField(id)!.GetValue(null)])!;

    private static Type Table() => ModuleUnderTest.ClientAssembly.GetType("ShakenFist.Blobs.SfErrors", throwOnError: true)!;

    private static IEnumerable<(string, string, string, string)> ReadTable()
    {
        foreach (FieldInfo field in Table().GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            object row = field.GetValue(null)!;
            string Value(string property) => row.GetType().GetProperty(property)!.GetValue(row)!.ToString()!;
            yield return (field.Name, Value("Id"), Value("Category"), Value("Advice"));
        }
    }
}
