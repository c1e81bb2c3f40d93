using System.Diagnostics;

namespace ShakenFist.Blobs.Client.Tests.Images;

/// <summary>Runs qemu-img, if it is installed, and knows how to make an image of each kind.</summary>
internal static class QemuImg
{
    private static readonly string? Program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "qemu-img.exe" : "qemu-img")).FirstOrDefault(File.Exists);

    public static bool IsInstalled => Program is not null;

    /// <summary>The arguments of the commands that make each image. The last one creates the file "image".</summary>
    public static IReadOnlyDictionary<string, string[]> Recipes { get; } = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["qcow2 version 2"] = ["create -f qcow2 -o compat=0.10 image 3G"],
        ["qcow2 of size 0"] = ["create -f qcow2 image 0"],
        ["qcow2 of 1 sector"] = ["create -f qcow2 image 512"],
        ["qcow2 of 8 TiB"] = ["create -f qcow2 image 8T"],
        ["qcow2 with preallocated metadata"] = ["create -f qcow2 -o preallocation=metadata image 20M"],
        ["qcow2 with small clusters"] = ["create -f qcow2 -o cluster_size=512 image 10M"],
        ["qcow2 with large clusters"] = ["create -f qcow2 -o cluster_size=2M image 10G"],
        ["qcow2 with short refcounts"] = ["create -f qcow2 -o refcount_bits=1 image 1G"],
        ["qcow2 with long refcounts"] = ["create -f qcow2 -o refcount_bits=64,lazy_refcounts=on image 1G"],
        ["qcow2 with extended L2"] = ["create -f qcow2 -o extended_l2=on image 4G"],
        ["qcow2 with zstd"] = ["create -f qcow2 -o compression_type=zstd image 1G"],
        ["qcow2 with a data file"] = ["create -f qcow2 -o data_file=data,data_file_raw=on image 1M"],
        ["qcow2 with a backing file"] = ["create -f qcow2 base 1G", "create -f qcow2 -b base -F qcow2 image 2G"],
        ["qcow2 version 2 with a backing file"] = ["create -f raw base 1G", "create -f qcow2 -o compat=0.10 -b base -F raw image"],
        ["qcow2 with a JSON backing file"] = ["create -f raw base 1M", "create -f qcow2 -F raw -b json:{\"driver\":\"raw\",\"file.filename\":\"base\"} image 1M"],
        ["qcow2 with snapshots"] = ["create -f qcow2 image 1G", "snapshot -c one image", "snapshot -c two image"],
        ["qcow2 with a bitmap"] = ["create -f qcow2 image 1G", "bitmap --add image changes"],
        ["qcow2 with LUKS"] = ["create -f qcow2 --object secret,id=s,data=k -o encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10 image 1G"],
        ["qcow2 with AES"] = ["create -f qcow2 --object secret,id=s,data=k -o encrypt.format=aes,encrypt.key-secret=s image 1G"],
        ["qcow"] = ["create -f qcow image 1G"],
        ["qcow with a backing file"] = ["create -f raw base 1M", "create -f qcow -b base -F raw image 1M"],
        ["qcow with AES"] = ["create -f qcow --object secret,id=s,data=k -o encrypt.format=aes,encrypt.key-secret=s image 1G"],
        ["qed"] = ["create -f qed image 1G"],
        ["qed with small clusters"] = ["create -f qed -o cluster_size=4096,table_size=16 image 1G"],
        ["qed with a backing file"] = ["create -f qcow2 base 1G", "create -f qed -b base -F qcow2 image 1G"],
        ["qed with a raw backing file"] = ["create -f raw base 1G", "create -f qed -b base -F raw image 1G"],
        ["parallels"] = ["create -f parallels image 1G"],
        ["parallels with small blocks"] = ["create -f parallels -o cluster_size=65536 image 100M"],
        ["vdi"] = ["create -f vdi image 10G"],
        ["static vdi"] = ["create -f vdi -o static=on image 3M"],
        ["vhdx"] = ["create -f vhdx image 10G"],
        ["fixed vhdx"] = ["create -f vhdx -o subformat=fixed image 10M"],
        ["vhdx with large blocks"] = ["create -f vhdx -o block_size=256M,log_size=4M image 100G"],
        ["vpc"] = ["create -f vpc image 64M"],
        ["vpc of its exact size"] = ["create -f vpc -o force_size=on image 64M"],
        ["vpc of 1 TiB"] = ["create -f vpc image 1T"],
        ["fixed vpc"] = ["create -f vpc -o subformat=fixed image 5M"],
        ["fixed vpc of its exact size"] = ["create -f vpc -o subformat=fixed,force_size=on image 5M"],
        ["vmdk"] = ["create -f vmdk image 10G"],
        ["vmdk version 2"] = ["create -f vmdk -o zeroed_grain=on,adapter_type=lsilogic,hwversion=18 image 10G"],
        ["vmdk for version 6"] = ["create -f vmdk -o compat6=on image 10G"],
        ["flat vmdk"] = ["create -f vmdk -o subformat=monolithicFlat image 10M"],
        ["split vmdk"] = ["create -f vmdk -o subformat=twoGbMaxExtentSparse image 5G"],
        ["split flat vmdk"] = ["create -f vmdk -o subformat=twoGbMaxExtentFlat image 10M"],
        ["stream-optimized vmdk"] = ["create -f vmdk -o subformat=streamOptimized image 10G"],
        ["converted stream-optimized vmdk"] = ["create -f raw base 3M", "convert -f raw -O vmdk -o subformat=streamOptimized base image"],
        ["vmdk with a backing file"] = ["create -f vmdk base 1G", "create -f vmdk -b base -F vmdk image"],
        ["luks"] = ["create -f luks --object secret,id=s,data=k -o key-secret=s,iter-time=10 image 10M"],
        ["raw"] = ["create -f raw image 1000000"],
    };

    /// <summary>Makes an image in the folder. Returns its path.</summary>
    public static string Make(string name, string folder)
    {
        foreach (string command in Recipes[name])
        {
            Run(folder, command);
        }

        return Path.Combine(folder, "image");
    }

    /// <summary>Gets what qemu-img reports about an image, as JSON. It recognizes a fixed vpc image only if its format is specified.</summary>
    public static string Describe(string name, string folder) =>
        Run(folder, name.StartsWith("fixed vpc", StringComparison.Ordinal) ? "info --output=json -f vpc image" : "info --output=json image");

    private static string Run(string folder, string command)
    {
        ProcessStartInfo start = new(Program!, command.Split(' ')) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"qemu-img {command}: {errors.Result}");
    }
}
