package bank;

import java.util.List;

/**
 * Money of someone.
 */
@Entity
public class Account implements Comparable<Account> {
    public static final int LIMIT = 1000;
    private long cents, reserved;

    public Account(long cents) { this.cents = cents; }

    /** Adds an amount. */
    @Override
    public synchronized long deposit(long amount) throws BankException {
        if (amount <= 0) {
            throw new BankException("not an amount: " + amount);
        }
        cents += amount;
        return cents;
    }

    enum State { OPEN, CLOSED { boolean isFinal() { return true; } } }
    record Entry(long amount, String text) {}
    interface Listener { void changed(Account account); }
    @interface Audited { String value() default ""; }
}
