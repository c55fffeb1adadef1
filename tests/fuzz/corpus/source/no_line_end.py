def f(a):
  pass