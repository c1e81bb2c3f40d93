using System.Collections;
using System.Management.Automation;

namespace ShakenFist.Blobs.Parameters;

/// <summary>
/// Accepts a blob UUID as a Guid, a string, an object with a Uuid or BlobUuid property, or a reference to or from another blob, in which case the related blob is used.
/// A reference to an object that is not a blob is converted to no UUID. Other values are rejected with the reason.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BlobUuidAttribute : ArgumentTransformationAttribute
{
    private static readonly string[] PropertyNames = ["Uuid", "BlobUuid"];

    /// <summary>Gets or sets whether another parameter of the command accepts values that are not a UUID: a blob object, or a path in the first position.</summary>
    public bool HasFallbackParameter { get; set; }

    /// <summary>Gets or sets whether another parameter of the command accepts the output of Get-ChildItem.</summary>
    public bool HasFileParameter { get; set; }

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
                throw Refused($"'{ServerText.Clean(text, 80)}' is not a valid blob UUID. A UUID has the form 578da8b6-eb98-4e10-bb36-e4d4d763d312.", HasFallbackParameter && !IsMistyped(text));
            case null:
                throw Refused("The blob UUID is null.", tryNext: false);
            case SfBlob when HasFallbackParameter:
                throw Refused("The value is a blob object, not a UUID. Pass it as -InputObject.", tryNext: true);
        }

        foreach (string name in PropertyNames)
        {
            if (wrapped.Properties[name]?.Value is { } value)
            {
                return One(value);
            }
        }

        throw Refused($"An object of type {wrapped.BaseObject.GetType().Name} has no Uuid property that identifies a blob.", HasFileParameter && wrapped.Properties["PSPath"] is not null);
    }

    // Only a UUID has this form, so the value is not a path.
    private static bool IsMistyped(string text) => text.Length >= 16 && text.Contains('-', StringComparison.Ordinal) && text.All(c => c == '-' || char.IsAsciiHexDigit(c));

    private static ArgumentTransformationMetadataException Refused(string reason, bool tryNext) => tryNext
        ? TransformationError.TryNextParameterSet(reason)
        : new ArgumentTransformationMetadataException(reason);
}
