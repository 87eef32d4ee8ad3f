module Shapes

using LinearAlgebra

abstract type Shape end

"A square."
struct Square{T} <: Shape
    length::T
end

const LIMIT = 10

area(s::Square) = s.length^2

# Draws a shape with characters, a row of
# them for each unit of length.
function draw(io::IO, s::Square{T}) where T
    for row in 1:s.length
        println(io, "*" ^ s.length)
    end
end

function Base.show(io::IO, s::Square)
    print(io, "square")
end

macro square(length)
    :(Square($length))
end

end
