using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>How messages are built from sentences, sizes, and messages of the system.</summary>
public sealed class ErrorTextTests
{
    [Theory]
    [InlineData("One. Two.", "One", "Two")]
    [InlineData("One. Two.", "One.", " Two. ")]
    [InlineData("One.", "One", "")]
    [InlineData("Two.", " ", "Two")]
    public void Sentences_are_joined_with_one_full_stop_and_one_space(string expected, params string[] texts) =>
        Assert.Equal(expected, ErrorText.Sentences(texts));

    [Theory]
    [InlineData("a message without a full stop")]
    [InlineData("a message with one.")]
    [InlineData("a message with two..")]
    public void Every_message_ends_with_one_full_stop(string text) =>
        Assert.Matches("[a-z][.]$", new SfException(SfErrors.FileFailed, text).Message);

    [Theory]
    [InlineData(1024, 2048, "1.00 KiB", "2.00 KiB")]
    [InlineData(1L << 30, (1L << 30) + 1, "1,073,741,824 bytes", "1,073,741,825 bytes")]
    public void Two_sizes_are_written_so_that_they_differ(long one, long other, string oneText, string otherText) =>
        Assert.Equal((oneText, otherText), ErrorText.Different(one, other));

    [Theory]
    [InlineData("4 KiB", 4096L)]
    [InlineData("3.5 MiB", 3_670_016L)]
    [InlineData("0 B", 0L)]
    [InlineData("9 EiB", 1L << 62)]
    [InlineData("4096.5", null)]
    [InlineData("4 kB", null)]
    [InlineData("-4 KiB", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_size_is_read_as_qemu_img_writes_it(string? text, long? bytes) => Assert.Equal(bytes, ByteSize.Parse(text));

    [Theory]
    [InlineData(27)]
    [InlineData(36)]
    [InlineData(17)]
    [InlineData(28)]
    [InlineData(30)]
    [InlineData(5)]
    public void A_message_contains_the_path_once(int code)
    {
        string message = FileErrors.Of(new IOException("The reason : '/folder/disk.raw'.", code), "/folder/disk.raw").Message;
        Assert.Single(message.Split("/folder/disk.raw")[1..]);
        Assert.Matches("[^.' ][.]$", message);
    }
}
