(* Trees. *)
open Printf

type 'a tree = Leaf | Node of 'a tree * 'a * 'a tree

exception Empty of string

(* Puts a value where it belongs,
   which takes as long as the tree is deep. *)
let rec insert x = function
  | Leaf -> Node (Leaf, x, Leaf)
  | Node (l, y, r) when x < y -> Node (insert x l, y, r)
  | Node (l, y, r) -> Node (l, y, insert x r)

module Set = struct
  type t = int tree
  let empty : t = Leaf
end

module type CONTAINER = sig
  val size : 'a tree -> int
end

class counter = object
  method count = 1
end
