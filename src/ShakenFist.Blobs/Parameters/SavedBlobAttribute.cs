using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace ShakenFist.Blobs.Parameters;

/// <summary>
/// Accepts a blob object, also one that was saved and read back from JSON or CLIXML. UUID, size, and checksums are used. An object that only refers to a
/// blob, by its BlobUuid, is converted to a blob object with only the UUID.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SavedBlobAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        PSObject wrapped = PSObject.AsPSObject(inputData);
        if (wrapped.BaseObject is SfBlob blob)
        {
            return blob;
        }

        // An object with a BlobUuid is not the blob itself, and its size is not the size of the blob.
        if (Guid.TryParse(Text(wrapped, "BlobUuid"), out Guid referred))
        {
            return new SfBlob { Uuid = referred };
        }

        if (!Guid.TryParse(Text(wrapped, "Uuid"), out Guid uuid))
        {
            throw TransformationError.TryNextParameterSet("The object is not a blob: it has no Uuid property.");
        }

        if (!long.TryParse(Text(wrapped, "Size"), NumberStyles.Integer, CultureInfo.InvariantCulture, out long size))
        {
            return new SfBlob { Uuid = uuid };
        }

        return new SfBlob { Uuid = uuid, Size = size, State = Text(wrapped, "State"), Sha512 = Text(wrapped, "Sha512"), Checksums = Checksums(wrapped) };
    }

    private static string? Text(PSObject wrapped, string name) => wrapped.Properties[name]?.Value is { } value ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;

    private static SfDictionary<string> Checksums(PSObject wrapped)
    {
        object? value = wrapped.Properties["Checksums"]?.Value;
        SfDictionary<string> checksums = new(StringComparer.OrdinalIgnoreCase);
        switch (value is PSObject inner ? inner.BaseObject : value)
        {
            case IDictionary map:
                foreach (DictionaryEntry entry in map)
                {
                    checksums[entry.Key.ToString()!] = entry.Value?.ToString() ?? string.Empty;
                }

                break;
            case PSCustomObject:
                foreach (PSPropertyInfo property in ((PSObject)value!).Properties)
                {
                    checksums[property.Name] = property.Value?.ToString() ?? string.Empty;
                }

                break;
        }

        return checksums;
    }
}
