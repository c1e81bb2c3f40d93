using System.Diagnostics;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Tests;

public sealed class EmulatorProgramTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_program_prints_its_address_and_serves_the_demo_cluster()
    {
        using Process program = Start("--port", "0", "--namespace", "apple:pie");
        try
        {
            string url = await ValueAsync(program, "SHAKENFIST_API_URL=");
            Assert.Equal("system", await ValueAsync(program, "SHAKENFIST_NAMESPACE="));
            Assert.NotEmpty(await ValueAsync(program, "SHAKENFIST_KEY="));

            using var http = new HttpClient { Timeout = Limit };
            using var credentials = new StringContent("""{"namespace": "apple", "key": "pie"}""");
            HttpResponseMessage login = await http.PostAsync(new Uri(url + "auth"), credentials, Ct);

            Assert.True(login.IsSuccessStatusCode);
        }
        finally
        {
            program.Kill();
        }
    }

    [Theory]
    [InlineData("--help", 0, "--generation A|B|C")]
    [InlineData("--nonsense", 2, "The option '--nonsense' does not exist.")]
    [InlineData("--port", 2, "The option --port requires a value.")]
    public async Task The_program_prints_its_help(string argument, int exitCode, string text)
    {
        using Process program = Start(argument);
        string output = await program.StandardOutput.ReadToEndAsync(Ct) + await program.StandardError.ReadToEndAsync(Ct);
        await program.WaitForExitAsync(Ct).WaitAsync(Limit, Ct);

        Assert.Equal(exitCode, program.ExitCode);
        Assert.Contains(text, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_does_not_make_empty_blobs()
    {
        string folder = Directory.CreateTempSubdirectory("sfdata").FullName;
        try
        {
            string file = Path.Combine(folder, "empty.raw");
            await File.WriteAllBytesAsync(file, [], Ct);
            using Process program = Start("--port", "0", "--data", folder);
            string output = await program.StandardError.ReadToEndAsync(Ct);
            await program.WaitForExitAsync(Ct).WaitAsync(Limit, Ct);

            Assert.Equal(1, program.ExitCode);
            Assert.Equal($"The file '{file}' is empty. A Shaken Fist server does not create empty blobs.", output.Trim());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        ArgumentException e = Assert.Throws<ArgumentException>(() => new EmulatorState().AddBlob(EmulatedBlob.FromBytes([])));
        Assert.Contains("does not create empty blobs", e.Message, StringComparison.Ordinal);
    }

    private static Process Start(params string[] arguments)
    {
        string name = OperatingSystem.IsWindows() ? "ShakenFist.Blobs.Emulator.exe" : "ShakenFist.Blobs.Emulator";
        return Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, name), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }

    private static async Task<string> ValueAsync(Process program, string name)
    {
        string? line = await program.StandardOutput.ReadLineAsync(Ct).AsTask().WaitAsync(Limit, Ct);
        Assert.StartsWith(name, line, StringComparison.Ordinal);
        return line![name.Length..];
    }
}
