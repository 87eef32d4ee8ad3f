package bank

import java.util.Date

typealias Cents = Long
const val LIMIT = 1000

/** Money of someone. */
@Entity
data class Account(val owner: String) : Base() {
    var balance: Cents = 0
        private set

    /** Adds an amount, which has to be positive. */
    suspend fun deposit(amount: Cents): Cents {
        require(amount > 0) { "not an amount: $amount" }
        balance += amount
        return balance
    }

    companion object Factory {
        fun empty() = Account("nobody")
    }
}

enum class State { OPEN, CLOSED }

object Registry { val all = mutableListOf<Account>() }

interface Listener { fun changed(account: Account) }
fun Account.isEmpty() = balance == 0L
