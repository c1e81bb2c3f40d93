namespace ShakenFist.Blobs;

internal static class Placeholder;
