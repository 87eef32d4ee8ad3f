package bank

import scala.util.Try

/** Money of someone. */
case class Account(owner: String) extends Base {
  val limit = 1000
  private var balance: Long = 0

  /** Adds an amount, which has to be positive. */
  def deposit(amount: Long): Try[Long] = {
    require(amount > 0, s"not an amount: $amount")
    balance += amount
    Try(balance)
  }
}

object Account { def empty: Account = Account("nobody") }
trait Listener { def changed(account: Account): Unit }
enum State { case Open, Closed }
type Cents = Long
given ordering: Ordering[Account] = Ordering.by(_.owner)
