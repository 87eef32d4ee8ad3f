namespace A.B
{
    struct Point { public int X; }
}
