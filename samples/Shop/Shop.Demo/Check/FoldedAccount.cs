namespace Shop.Demo.Check;

/// <summary>What the log says of an account.</summary>
public sealed class FoldedAccount
{
    /// <summary>Gets or sets how often it was opened.</summary>
    public int Opened { get; set; }

    /// <summary>Gets all charges.</summary>
    public long Charged { get; private set; }

    /// <summary>Gets the balance at the end.</summary>
    public long Balance { get; private set; }

    /// <summary>Gets the lowest balance that there ever was.</summary>
    public long Lowest { get; private set; }

    /// <summary>Adds a charge.</summary>
    public void Charge(long amount) => (Charged, Balance) = (Charged + amount, Balance + amount);

    /// <summary>Adds a debit.</summary>
    public void Debit(long amount)
    {
        Balance -= amount;
        Lowest = Math.Min(Lowest, Balance);
    }
}
