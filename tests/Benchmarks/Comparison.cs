using System.Diagnostics;
using System.Globalization;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>Runs two ways of doing the same work alternately and in changing order, so that other load of the computer affects both.</summary>
internal sealed class Comparison(string name, double pass, double aim)
{
    private readonly List<(double Ours, double Theirs, double OurCpu, double TheirCpu, double ServerCpu)> _pairs = [];

    public string Name => name;

    /// <summary>The median of the pairs of the other program's time divided by the time of the module.</summary>
    public double Ratio => Figures.Median(_pairs.Select(p => p.Theirs / p.Ours));

    /// <summary>Runs <paramref name="pairs"/> pairs, after one run of each that is not measured.</summary>
    public Comparison Run(int pairs, Server server, Action ours, Action theirs)
    {
        ours();
        theirs();
        for (int i = 0; i < pairs; i++)
        {
            (double Seconds, double Cpu, double Server) o = default;
            (double Seconds, double Cpu, double Server) t = default;
            if (i % 2 == 0)
            {
                o = Time(server, ours);
                t = Time(server, theirs);
            }
            else
            {
                t = Time(server, theirs);
                o = Time(server, ours);
            }

            _pairs.Add((o.Seconds, t.Seconds, o.Cpu, t.Cpu, o.Server));
        }

        string verdict = Ratio >= aim ? "AIM" : Ratio >= pass ? "pass" : "MISSED";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-58} {Median(p => p.Ours),7:0.00} {Median(p => p.Theirs),7:0.00} {Ratio,6:0.00} ({_pairs.Min(p => p.Theirs / p.Ours):0.00}-{_pairs.Max(p => p.Theirs / p.Ours):0.00}) {pass,5:0.00}/{aim:0.00} {verdict,-6} CPU s {Median(p => p.OurCpu):0.00} / {Median(p => p.TheirCpu):0.00}, server {Median(p => p.ServerCpu):0.00}"));
        return this;
    }

    public void AddTo(Figures figures)
    {
        figures.Add($"{name}: ours, s", _pairs.Select(p => p.Ours));
        figures.Add($"{name}: theirs, s", _pairs.Select(p => p.Theirs));
        figures.Add($"{name}: theirs / ours", _pairs.Select(p => p.Theirs / p.Ours));
        figures.Add($"{name}: our CPU, s", _pairs.Select(p => p.OurCpu));
        figures.Add($"{name}: their CPU, s", _pairs.Select(p => p.TheirCpu));
        figures.Add($"{name}: the server's CPU beside ours, s", _pairs.Select(p => p.ServerCpu));
    }

    private double Median(Func<(double Ours, double Theirs, double OurCpu, double TheirCpu, double ServerCpu), double> pick) => Figures.Median(_pairs.Select(pick));

    private static (double Seconds, double Cpu, double Server) Time(Server server, Action action)
    {
        double cpu = Child.CpuSeconds;
        double serverCpu = server.CpuSeconds;
        Stopwatch watch = Stopwatch.StartNew();
        action();
        return (watch.Elapsed.TotalSeconds, Child.CpuSeconds - cpu, server.CpuSeconds - serverCpu);
    }
}
