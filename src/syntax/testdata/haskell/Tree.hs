{-# LANGUAGE GADTs #-}
-- | Trees.
module Tree (Tree(..), insert) where

import Data.List (sort)

-- | A tree of values.
data Tree a
  = Leaf
  | Node { left :: Tree a, value :: a, right :: Tree a }

newtype Depth = Depth Int
type Forest a = [Tree a]

-- | Puts a value where it belongs, which takes as
-- long as the tree is deep.
insert :: Ord a => a -> Tree a -> Tree a
insert x Leaf = Node Leaf x Leaf
insert x (Node l y r)
  | x < y = Node (insert x l) y r
  | otherwise = Node l y (insert x r)

size :: Tree a -> Int
size Leaf = 0
size (Node l _ r) = size l + 1 + go r
  where go = size

class Container f where
  empty :: f a
  toL :: f a -> [a]

instance Container Tree where
  empty = Leaf
  toL Leaf = []
  toL (Node l x r) = toL l ++ [x] ++ toL r
