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

    /// <summary>Whether another parameter of the command may take what is no UUID here: a blob's record, or a path in the first place.</summary>
    public bool HasAlternative { get; set; }

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value is IEnumerable and not string and not IDictionary
            ? ((IEnumerable)value).Cast<object?>().SelectMany(AtMostOne).ToArray()
            : AtMostOne(inputData);
    }

    private Guid[] AtMostOne(object? item)
    {
        if (item is not null && PSObject.AsPSObject(item) is { } wrapped && wrapped.Properties["OtherType"]?.Value is { } type && wrapped.Properties["OtherUuid"]?.Value is { } other)
        {
            return type.ToString() == "blob" ? [One(other)] : [];
        }

        return [One(item)];
    }

    private Guid One(object? item)
    {
        PSObject? wrapped = item is null ? null : PSObject.AsPSObject(item);
        switch (wrapped?.BaseObject)
        {
            case Guid uuid:
                return uuid;
            case string text when Guid.TryParse(text.Trim(), out Guid uuid):
                return uuid;
            case string text:
                throw Refused($"'{ServerText.Clean(text, 80)}' is not a blob's UUID, which looks like 578da8b6-eb98-4e10-bb36-e4d4d763d312.", HasAlternative && !IsMistyped(text));
            case null:
                throw Refused("A blob's UUID is missing here: the value is null.", tryNext: false);
            case SfBlob when HasAlternative:
                throw Refused("A blob's record is not its UUID: give it as -InputObject.", tryNext: true);
        }

        foreach (string name in PropertyNames)
        {
            if (wrapped.Properties[name]?.Value is { } value)
            {
                return One(value);
            }
        }

        throw Refused($"An object of type {wrapped.BaseObject.GetType().Name} has no Uuid that could name a blob.", tryNext: false);
    }

    // Nothing else is written like this, so it cannot be meant as a path.
    private static bool IsMistyped(string text) => text.Length >= 16 && text.Contains('-', StringComparison.Ordinal) && text.All(c => c == '-' || char.IsAsciiHexDigit(c));

    private static ArgumentTransformationMetadataException Refused(string reason, bool tryNext) => tryNext
        ? NotThis.Instead(reason)
        : new ArgumentTransformationMetadataException(reason);
}
