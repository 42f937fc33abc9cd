"""The purse for answers that are begun too early."""

from pipeline.llm.speculation import HEAD_START, MOST, Speculation


def test_there_is_something_to_begin_with() -> None:
    assert Speculation().affordable
    assert not Speculation(share=0.0).affordable


def test_what_was_begun_in_vain_empties_it_and_wanted_answers_fill_it() -> None:
    purse = Speculation(share=0.5)
    purse.drop(HEAD_START, paid=True)
    assert not purse.affordable
    purse.keep(200)
    assert purse.affordable
    assert purse.level == 100


def test_what_costs_nothing_is_counted_and_may_be_wasted() -> None:
    purse = Speculation()
    purse.drop(10**6, paid=False)
    assert (purse.dropped, purse.wasted, purse.level) == (1, 10**6, HEAD_START)


def test_it_holds_no_more_than_so_much() -> None:
    purse = Speculation(share=10.0)
    purse.keep(10**6)
    assert purse.level == MOST
