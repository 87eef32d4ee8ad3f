import Foundation

typealias Cents = Int

/// Money of someone.
@MainActor
public class Account: Base {
    var balance: Cents = 0
    init(balance: Cents) { self.balance = balance }

    /// Adds an amount, which has to be positive.
    func deposit(_ amount: Cents) throws -> Cents {
        guard amount > 0 else { throw BankError.notAnAmount(amount) }
        balance += amount
        return balance
    }
}

struct Point { let x: Int }
enum State { case open, closed }
protocol Listener { func changed(account: Account); var name: String { get } }
extension Account { func isEmpty() -> Bool { balance == 0 } }
func helper() -> Int { 1 }
let limit = 10
