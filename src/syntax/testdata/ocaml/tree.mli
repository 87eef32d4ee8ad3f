(** Trees. *)

type 'a tree

exception Empty of string

(** Puts a value where it belongs. *)
val insert : 'a -> 'a tree -> 'a tree

val size : 'a tree -> int

module Set : sig
  val empty : int tree
end
