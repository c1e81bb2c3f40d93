using System.Collections;
using System.Management.Automation;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Rejects strings that are not a hash of a supported algorithm when the parameter is bound. Files from the pipeline are not strings and bind by their path.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class HashAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => Unwrap(inputData) is IEnumerable items and not string
        ? items.Cast<object?>().Select(One).ToArray()
        : new[] { One(inputData) };

    private static string One(object? item)
    {
        if (Unwrap(item) is not string text)
        {
            throw TransformationError.TryNextParameterSet("A hash must be a string of hexadecimal digits.");
        }

        return Enum.GetValues<SfHashAlgorithm>().Any(algorithm => algorithm.IsHash(text.Trim()))
            ? text.Trim()
            : throw new ArgumentTransformationMetadataException(
                $"'{ServerText.Clean(text, 140)}' is not a valid hash. SHA512 has 128 hexadecimal digits, SHA256 64, SHA1 40, and XXH128 32.");
    }

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
