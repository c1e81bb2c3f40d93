using System.Reflection;

namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>Observes, delays, or fails the file operations of the module in one directory.</summary>
internal sealed class FileOperationHook : IDisposable
{
    private static readonly EventInfo Before = ModuleUnderTest.ClientAssembly.GetType("ShakenFist.Blobs.Files.FileSystemEvents", throwOnError: true)!.GetEvent("Before")!;

    private readonly string _directory;
    private readonly Action<string, string> _answer;
    private readonly Delegate _handler;

    /// <summary>Calls <paramref name="answer"/> with the operation, such as Flush, and the path, on the thread of the operation.</summary>
    public FileOperationHook(string directory, Action<string, string> answer)
    {
        _directory = directory + Path.DirectorySeparatorChar;
        _answer = answer;
        Type handler = Before.EventHandlerType!;
        _handler = typeof(FileOperationHook).GetMethod(nameof(On), BindingFlags.Instance | BindingFlags.NonPublic)!
            .MakeGenericMethod(handler.GenericTypeArguments[0]).CreateDelegate(handler, this);
        Before.AddEventHandler(null, _handler);
    }

    public void Dispose() => Before.RemoveEventHandler(null, _handler);

    private void On<TStep>(TStep step, string path)
    {
        if (path.StartsWith(_directory, StringComparison.Ordinal))
        {
            _answer(step!.ToString()!, path);
        }
    }
}
