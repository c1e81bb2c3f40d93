using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace ShakenFist.Blobs.Parameters;

/// <summary>
/// Takes a blob's record, also one that has been saved and read back as JSON or Clixml: UUID, size and checksums are what counts. An object that only refers to a
/// blob, by its BlobUuid, comes out as a record of nothing but that.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SavedBlobAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        PSObject wrapped = PSObject.AsPSObject(inputData);
        if (wrapped.BaseObject is SfBlob blob)
        {
            return blob;
        }

        // What has a BlobUuid is not the blob's record, and its size not the blob's.
        if (Guid.TryParse(Text(wrapped, "BlobUuid"), out Guid referred))
        {
            return new SfBlob { Uuid = referred };
        }

        if (!Guid.TryParse(Text(wrapped, "Uuid"), out Guid uuid))
        {
            throw NotThis.Instead("This is not a blob's record: it has no Uuid.");
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
