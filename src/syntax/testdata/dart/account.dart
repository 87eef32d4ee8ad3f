import 'dart:async';

const limit = 1000;

/// Money of someone.
class Account extends Base {
  int balance = 0;

  Account(this.balance);

  /// Adds an amount, which has to be positive.
  @override
  Future<int> deposit(int amount) async {
    if (amount <= 0) {
      throw ArgumentError('not an amount: $amount');
    }
    balance += amount;
    return balance;
  }

  bool get isEmpty => balance == 0;
}

enum State { open, closed }
mixin Logs { void log(String text) {} }
int helper(int a) => a + 1;
