using System.Management.Automation;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Refuses at binding what cannot be a hash: hex digits, as many as one of the algorithms has.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HashAttribute : ValidateEnumeratedArgumentsAttribute
{
    /// <inheritdoc/>
    protected override void ValidateElement(object element)
    {
        string text = element as string ?? string.Empty;
        if (!Enum.GetValues<SfHashAlgorithm>().Any(algorithm => algorithm.IsHash(text)))
        {
            throw new ValidationMetadataException($"'{ServerText.Clean(text, 140)}' is not a hash: SHA512 has 128 hex digits, SHA256 64, SHA1 40, XXH128 32.");
        }
    }
}
