using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using System.Text;

namespace ShakenFist.Blobs.Tests.Trust;

/// <summary>Returns all text in the properties of an object and their values, like ConvertTo-Json, Get-Error, or a debugger would show.</summary>
internal static class ObjectDump
{
    private const int MaxDepth = 9;
    private const int MaxItems = 300;

    public static string Of(object? value)
    {
        StringBuilder text = new();
        Write(value, text, 0, new HashSet<object>(new ByReference()));
        return text.ToString();
    }

    private static void Write(object? value, StringBuilder text, int depth, HashSet<object> seen)
    {
        object? plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        if (plain is null || depth > MaxDepth)
        {
            return;
        }

        text.Append(Convert.ToString(plain, CultureInfo.InvariantCulture)).Append('\n');
        if (IsLeaf(plain) || !seen.Add(plain))
        {
            return;
        }

        if (plain is IDictionary map)
        {
            foreach (DictionaryEntry entry in map)
            {
                Write(entry.Key, text, depth + 1, seen);
                Write(entry.Value, text, depth + 1, seen);
            }
        }
        else if (plain is byte[] bytes)
        {
            text.Append(Encoding.Latin1.GetString(bytes)).Append('\n');
        }
        else if (plain is IEnumerable items)
        {
            foreach (object? item in items.Cast<object?>().Take(MaxItems))
            {
                Write(item, text, depth + 1, seen);
            }
        }

        foreach (PSPropertyInfo property in PSObject.AsPSObject(value!).Properties)
        {
            text.Append(property.Name).Append(" = ");
            Write(ValueOf(property), text, depth + 1, seen);
        }
    }

    // Objects of the engine and .NET are endless and contain nothing of the module.
    private static bool IsLeaf(object value) => value is string or Type or System.Reflection.MemberInfo or System.Reflection.Assembly or Delegate
        or CommandInfo or PSModuleInfo or IScriptExtent or Runspace or SessionState or WaitHandle or CultureInfo || (value is ValueType && value.GetType().Namespace == "System");

    private static object? ValueOf(PSPropertyInfo property)
    {
        try
        {
            return property.Value;
        }
        catch (RuntimeException e)
        {
            return e.Message;
        }
    }

    private sealed class ByReference : IEqualityComparer<object>
    {
        public new bool Equals(object? x, object? y) => ReferenceEquals(x, y);

        public int GetHashCode(object obj) => RuntimeHelpers.GetHashCode(obj);
    }
}
