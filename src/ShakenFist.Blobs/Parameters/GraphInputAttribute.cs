using System.Collections;
using System.Globalization;
using System.Management.Automation;
using ShakenFist.Blobs.Graph;

namespace ShakenFist.Blobs.Parameters;

/// <summary>
/// Accepts the input of a graph: references, including those read from a file or a remote session; blobs; and objects that identify a blob. References
/// are kept as references and are not replaced by the related blob.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class GraphInputAttribute : ArgumentTransformationAttribute
{
    private static readonly BlobUuidAttribute BlobUuid = new();

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value is IEnumerable and not string and not IDictionary
            ? ((IEnumerable)value).Cast<object?>().SelectMany(item => One(engineIntrinsics, item)).ToArray()
            : One(engineIntrinsics, inputData).ToArray();
    }

    /// <summary>Adds one of the converted values to the graph.</summary>
    internal static void AddTo(GraphSource source, object value)
    {
        switch (value)
        {
            case SfBlobReference reference:
                source.Add(reference);
                break;
            case SfBlob blob:
                source.Start(blob);
                break;
            case Guid uuid:
                source.Start(uuid);
                break;
        }
    }

    private static IEnumerable<object> One(EngineIntrinsics engine, object? item)
    {
        PSObject? wrapped = item is null ? null : PSObject.AsPSObject(item);
        return wrapped?.BaseObject switch
        {
            SfBlobReference or SfBlob => [wrapped.BaseObject],
            _ when wrapped?.Properties["SourceUuid"] is not null && wrapped.Properties["TargetUuid"] is not null => [Reference(wrapped)],
            _ => ((Guid[])BlobUuid.Transform(engine, item!)).Cast<object>(),
        };
    }

    private static SfBlobReference Reference(PSObject row)
    {
        return new SfBlobReference
        {
            BlobUuid = Value<Guid>("BlobUuid"),
            Direction = Value<SfReferenceDirection>("Direction"),
            IsDerived = Value<bool>("IsDerived"),
            SourceObjectType = Text("SourceObjectType"),
            SourceUuid = Text("SourceUuid"),
            Relationship = Text("Relationship"),
            RelationshipValue = Text("RelationshipValue"),
            TargetObjectType = Text("TargetObjectType"),
            TargetUuid = Text("TargetUuid"),
            Created = Value<DateTime?>("Created"),
            LastActive = Value<DateTime?>("LastActive"),
        };

        // An empty cell of a CSV file is a missing value.
        string? Text(string name) => LanguagePrimitives.ConvertTo<string>(row.Properties[name]?.Value) is { Length: > 0 } text ? text : null;

        T? Value<T>(string name) => Text(name) is not null && LanguagePrimitives.TryConvertTo(row.Properties[name].Value, CultureInfo.InvariantCulture, out T value) ? value : default;
    }
}
