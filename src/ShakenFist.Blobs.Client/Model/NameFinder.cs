namespace ShakenFist.Blobs.Model;

/// <summary>Finds objects by name or UUID in a list that is requested at most once. Names are case-sensitive, as on the server.</summary>
internal abstract class NameFinder<T>
    where T : class
{
    // The number of objects that the message about an ambiguous name lists.
    private const int MaxListed = 5;

    private IReadOnlyList<T>? _list;

    /// <summary>Gets the name of the type for messages.</summary>
    protected abstract string Kind { get; }

    protected abstract SfError NotFound { get; }

    protected abstract string OwnNamespace { get; }

    /// <summary>Gets the whole list.</summary>
    public async Task<IReadOnlyList<T>> ListAsync(ISfLog log, CancellationToken cancellationToken)
    {
        if (_list is null)
        {
            List<T> list = [];
            await foreach (T item in RequestAsync(log, cancellationToken).ConfigureAwait(false))
            {
                list.Add(item);
            }

            _list = list;
        }

        return _list;
    }

    /// <summary>Finds all objects with a name, a source URL, or a UUID. Those of the own namespace are first.</summary>
    /// <exception cref="SfException">There is none.</exception>
    public async Task<IReadOnlyList<T>> FindAsync(string text, ISfLog log, CancellationToken cancellationToken)
    {
        bool isUuid = Guid.TryParse(text, out Guid uuid);
        T[] found = OwnFirst((await ListAsync(log, cancellationToken).ConfigureAwait(false)).Where(item => IsNamed(item, text) || (isUuid && UuidOf(item) == uuid)));
        if (found.Length > 0)
        {
            return found;
        }

        return text.Length > 0 && await FindUnlistedAsync(text, log, cancellationToken).ConfigureAwait(false) is { } unlisted
            ? [unlisted]
            : throw NoneOf(text, $"can be used by namespace '{OwnNamespace}'");
    }

    /// <summary>Creates the error for a name with no match.</summary>
    public SfException NoneOf(string text, string condition) => new(NotFound, $"No {Kind} '{ServerText.Clean(text, 100)}' {condition}.");

    /// <summary>
    /// Finds the one object with a name or a UUID. If the own namespace has any of the name, only those count. Objects that cannot be used count only if there are no
    /// others.
    /// </summary>
    /// <exception cref="SfException">There is none, or <see cref="SfErrors.NameAmbiguous"/> if there are several.</exception>
    public async Task<T> FindOneAsync(string text, ISfLog log, CancellationToken cancellationToken)
    {
        IReadOnlyList<T> found = await FindAsync(text, log, cancellationToken).ConfigureAwait(false);
        T[] candidates = Preferred(Preferred([.. found], item => NamespaceOf(item) == OwnNamespace), IsUsable);
        return candidates.Length == 1 ? candidates[0] : throw Ambiguous(text, candidates);
    }

    /// <summary>
    /// Finds the one object that a command can change: that with the UUID, or the only one of the own namespace with the name. Objects that cannot be used count as well.
    /// Only for the system namespace, which can change all objects, a name that it does not have itself can mean an object of another namespace.
    /// </summary>
    /// <exception cref="SfException">There is none, or <see cref="SfErrors.NameAmbiguous"/> if there are several.</exception>
    public async Task<T> FindOwnAsync(string text, ISfLog log, CancellationToken cancellationToken)
    {
        bool isUuid = Guid.TryParse(text, out Guid uuid);
        IReadOnlyList<T> all = await FindAsync(text, log, cancellationToken).ConfigureAwait(false);
        T[] found = [.. all.Where(item => NamespaceOf(item) == OwnNamespace || (isUuid && UuidOf(item) == uuid))];
        found = found.Length == 0 && OwnNamespace == "system" ? [.. all] : found;
        return found.Length switch
        {
            0 => throw NoneOf(text, $"belongs to namespace '{OwnNamespace}'. To change one of another namespace, specify its UUID"),
            1 => found[0],
            _ => throw Ambiguous(text, found),
        };
    }

    /// <summary>Sorts the objects of the own namespace before the others.</summary>
    public T[] OwnFirst(IEnumerable<T> items) => [.. items.OrderByDescending(item => NamespaceOf(item) == OwnNamespace)];

    protected abstract IAsyncEnumerable<T> RequestAsync(ISfLog log, CancellationToken cancellationToken);

    /// <summary>Finds an object by a name that is not in the list. Null if there is none.</summary>
    protected abstract Task<T?> FindUnlistedAsync(string name, ISfLog log, CancellationToken cancellationToken);

    protected abstract bool IsNamed(T item, string text);

    protected abstract Guid UuidOf(T item);

    protected abstract string? NamespaceOf(T item);

    protected abstract bool IsUsable(T item);

    protected abstract string Describe(T item);

    private SfException Ambiguous(string text, T[] found) => new(SfErrors.NameAmbiguous,
        $"{found.Length} {Kind}s have the name '{ServerText.Clean(text, 100)}': {string.Join(", ", found.Take(MaxListed).Select(Describe))}{(found.Length > MaxListed ? ", and more" : string.Empty)}.");

    private static T[] Preferred(T[] items, Func<T, bool> isPreferred) => Array.Exists(items, item => isPreferred(item)) ? [.. items.Where(isPreferred)] : items;
}
