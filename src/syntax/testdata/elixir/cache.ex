defmodule Shop.Cache do
  @moduledoc "Keeps things."
  use GenServer

  @type key :: atom()

  # Starts it.
  @spec start(keyword()) :: pid()
  def start(options \\ []) do
    GenServer.start_link(__MODULE__, options)
  end

  @doc """
  The value of a key, or what the function gives.
  """
  def fetch(cache, key, default) when is_atom(key) do
    case GenServer.call(cache, {:get, key}) do
      nil -> default.()
      value -> value
    end
  end

  def fetch(_cache, _key, default), do: default.()

  defp now, do: System.monotonic_time()
  defmacro traced(block), do: block
end

defimpl String.Chars, for: Shop.Cache do
  def to_string(_), do: "cache"
end
