using System;

namespace Bank.Accounts;

/// <summary>Money of someone.</summary>
[Serializable]
public class Account : IComparable<Account>
{
    private long _cents;
    public event EventHandler? Changed;
    public long Cents { get => _cents; private set => _cents = value; }

    public Account(long cents) => _cents = cents;

    /// <summary>Adds an amount, and tells everyone who listens.</summary>
    public async Task<long> DepositAsync(long amount)
    {
        if (amount <= 0) throw new ArgumentException(nameof(amount));
        _cents += amount;
        Changed?.Invoke(this, EventArgs.Empty);
        return _cents;
    }
}

public enum State { Open, Closed }
public record Entry(long Amount);
public interface IStore { void Save(Account account); }
public delegate void Handler(Account account);
