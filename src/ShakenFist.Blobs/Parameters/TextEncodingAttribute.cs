using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Accepts an encoding or its name.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TextEncodingAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        try
        {
            return value switch
            {
                Encoding encoding => encoding,
                int codePage => Encoding.GetEncoding(codePage),

                // PowerShell has its own names for some encodings.
                string name when name.Equals("ansi", StringComparison.OrdinalIgnoreCase) => CodePage(CultureInfo.CurrentCulture.TextInfo.ANSICodePage),
                string name when name.Equals("oem", StringComparison.OrdinalIgnoreCase) => CodePage(CultureInfo.CurrentCulture.TextInfo.OEMCodePage),
                string name => Encoding.GetEncoding(name.ToUpperInvariant() switch
                {
                    "UTF8" or "UTF8BOM" or "UTF8NOBOM" => "utf-8",
                    "UNICODE" => "utf-16",
                    "BIGENDIANUNICODE" => "utf-16BE",
                    "UTF32" => "utf-32",
                    "BIGENDIANUTF32" => "utf-32BE",
                    _ => name,
                }),
                _ => throw new ArgumentException("The value is neither a name nor an encoding."),
            };
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new ArgumentTransformationMetadataException($"'{value}' is not an encoding that .NET supports. Specify a name such as utf-8, utf-16, latin1, or ascii.", e);
        }
    }

    // Cultures without a code page, such as the invariant culture, use UTF-8 on Linux and macOS.
    private static Encoding CodePage(int codePage) => codePage == 0 ? Encoding.UTF8 : Encoding.GetEncoding(codePage);
}
