namespace Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;

/// <summary>A file that SQLite found damaged, which the next start sets aside and begins anew. The log has everything that the file had.</summary>
/// <remarks>
/// <para>
/// Damage may be found in the middle of the work, by a read of a page that no start looks at. So it is written down, in a file beside the database; the mark
/// goes only when everything is set aside, so that a crash in between does the rest at the next start.
/// </para>
/// <para>The damaged file is kept, since it may be one of something else whose path was given by mistake; of several the last.</para>
/// </remarks>
internal static class SqliteDamage
{
    private const string Suffix = ".unreadable";

    /// <summary>Returns whether the file was found damaged.</summary>
    public static bool IsMarked(string path) => File.Exists(MarkOf(path));

    /// <summary>Writes down that the file is damaged.</summary>
    /// <exception cref="IOException">It cannot be written down. Then the next start finds out by itself, or the next read.</exception>
    public static void Mark(string path) => File.WriteAllBytes(MarkOf(path), []);

    /// <summary>Moves the file out of the way.</summary>
    public static void SetAside(string path)
    {
        Mark(path);

        // The log of writes goes first: left alone beside a new database it could be taken for that one's.
        foreach (var part in new[] { path + "-wal", path + "-shm", path })
        {
            if (File.Exists(part))
            {
                File.Move(part, path + Suffix + part[path.Length..], overwrite: true);
            }
        }

        File.Delete(MarkOf(path));
    }

    private static string MarkOf(string path) => path + ".damaged";
}
