using System.Collections;
using System.Management.Automation;

namespace ShakenFist.Blobs.Parameters;

/// <summary>
/// Takes a blob's UUID in the forms it comes in: a Guid, its text, an object that has it as Uuid or BlobUuid, or a reference whose other end is a blob.
/// A reference to something else names no blob and comes out as none. Anything else is refused with the reason.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BlobUuidAttribute : ArgumentTransformationAttribute
{
    private static readonly string[] PropertyNames = ["Uuid", "BlobUuid"];

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value is IEnumerable and not string and not IDictionary
            ? ((IEnumerable)value).Cast<object?>().SelectMany(AtMostOne).ToArray()
            : AtMostOne(inputData);
    }

    private static Guid[] AtMostOne(object? item)
    {
        if (item is not null && PSObject.AsPSObject(item) is { } wrapped && wrapped.Properties["OtherType"]?.Value is { } type && wrapped.Properties["OtherUuid"]?.Value is { } other)
        {
            return type.ToString() == "blob" ? [One(other)] : [];
        }

        return [One(item)];
    }

    private static Guid One(object? item)
    {
        PSObject? wrapped = item is null ? null : PSObject.AsPSObject(item);
        switch (wrapped?.BaseObject)
        {
            case Guid uuid:
                return uuid;
            case string text when Guid.TryParse(text.Trim(), out Guid uuid):
                return uuid;
            case string text:
                throw new ArgumentTransformationMetadataException($"'{ServerText.Clean(text, 80)}' is not a blob's UUID, which looks like 578da8b6-eb98-4e10-bb36-e4d4d763d312.");
            case null:
                throw new ArgumentTransformationMetadataException("A blob's UUID is missing here: the value is null.");
        }

        foreach (string name in PropertyNames)
        {
            if (wrapped.Properties[name]?.Value is { } value)
            {
                return One(value);
            }
        }

        throw new ArgumentTransformationMetadataException($"An object of type {wrapped.BaseObject.GetType().Name} has no Uuid that could name a blob.");
    }
}
