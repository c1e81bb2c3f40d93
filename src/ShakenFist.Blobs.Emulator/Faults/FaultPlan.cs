using System.IO.Enumeration;

namespace ShakenFist.Blobs.Emulator;

/// <summary>The faults to inject. The first fault applies that matches the request, has skipped enough requests, and has Times left.</summary>
public sealed class FaultPlan
{
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];

    /// <summary>Adds a fault after the existing ones.</summary>
    public FaultPlan Add(Fault fault)
    {
        lock (_gate)
        {
            _entries.Add(new Entry(fault));
        }

        return this;
    }

    public void Clear()
    {
        lock (_gate)
        {
            _entries.Clear();
        }
    }

    /// <summary>The faults that can still apply to requests.</summary>
    public IReadOnlyList<Fault> Pending
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries.Where(e => e.Left > 0).Select(e => e.Fault)];
            }
        }
    }

    /// <summary>Returns the fault for a request, and counts its use.</summary>
    internal Fault? Take(RequestRecord request)
    {
        lock (_gate)
        {
            foreach (Entry entry in _entries.Where(e => e.Left > 0 && Matches(e.Fault, request)))
            {
                if (entry.ToSkip > 0)
                {
                    entry.ToSkip--;
                    continue;
                }

                entry.Left -= entry.Left == int.MaxValue ? 0 : 1;
                return entry.Fault;
            }
        }

        return null;
    }

    private static bool Matches(Fault fault, RequestRecord request) =>
        (fault.Method == "*" || string.Equals(fault.Method, request.Method, StringComparison.OrdinalIgnoreCase))
        && FileSystemName.MatchesSimpleExpression(fault.Path, request.Path, ignoreCase: false)
        && TouchesRange(fault, request)
        && (fault.When is null || fault.When(request));

    /// <summary>Whether a request includes the damaged byte. Faults in the content only apply to such requests.</summary>
    private static bool TouchesRange(Fault fault, RequestRecord request)
    {
        if (fault.Kind is not (FaultKind.FlipBit or FaultKind.Zeros))
        {
            return true;
        }

        long offset = request.QueryNumber("offset");
        long limit = request.QueryNumber("limit");
        bool startsBefore = fault.Kind == FaultKind.Zeros || offset <= fault.AfterBytes;
        return startsBefore && (limit <= 0 || offset + limit > fault.AfterBytes);
    }

    private sealed class Entry(Fault fault)
    {
        public Fault Fault { get; } = fault;

        public int ToSkip { get; set; } = fault.Skip;

        public int Left { get; set; } = fault.Times;
    }
}
