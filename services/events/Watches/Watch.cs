namespace ReactorJobs.Events.Watches;

/// <summary>A database that is watched for an org.</summary>
/// <param name="Name">Of the database, in the settings.</param>
/// <param name="Slot">Of replication, in that database; the publications have its name, too.</param>
public sealed record Watch(string OrgId, string Name, string Slot)
{
    /// <summary>Of tables whose rows have an identity.</summary>
    public string Publication => Slot;

    /// <summary>Of tables whose rows have none: were their updates published, PostgreSQL would refuse them to everybody.</summary>
    public string InsertPublication => Slot + "_inserts";
}

/// <summary>Nobody watches any more: the last trigger is gone.</summary>
public sealed class WatchGone() : Exception("The database is not watched any more.");
